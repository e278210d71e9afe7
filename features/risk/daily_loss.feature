Feature: Daily loss
  A strategy that has lost its share of the day's starting equity takes no new risk until the next UTC day.
  What is not realised counts; what is held may always be closed.

  Background:
    Given a strategy alpha with 10000 USDT
    And alpha may lose at most 5 % of a day's starting equity
    And it is 23:50 UTC
    And BTC trades at 100.00
    And alpha holds 50.000 BTC bought at 100.00

  @T-254
  Scenario Outline: The limit is reached at its value
    When BTC trades at <price>
    And alpha wants to hold 51.000 BTC
    Then <outcome>

    Examples:
      | price | outcome                           |
      | 90.01 | an order to buy 1.000 BTC is sent |
      | 90.00 | nothing is sent                   |
      | 89.99 | nothing is sent                   |

  @T-254
  Scenario: Leaving is never refused
    When BTC trades at 80.00
    And alpha wants to hold 51.000 BTC
    Then the refusal names the rule daily_loss of T-254
    When alpha wants to hold 0 BTC
    Then an order to sell 50.000 BTC is sent

  @T-254
  Scenario: The next day is judged by its own start
    When BTC trades at 90.00
    And it is 00:00 UTC of the next day
    And alpha wants to hold 51.000 BTC
    Then an order to buy 1.000 BTC is sent
