Feature: Exposure cap
  What a strategy holds, long or short, and what its open orders may still add is worth at most its cap.
  An order that would go above is made smaller; where not even one lot fits, it is refused.

  Background:
    Given a strategy alpha with 10000 USDT
    And alpha may be exposed to at most 1000 USDT
    And BTC trades at 300.00

  @T-019
  Scenario Outline: An order is cut down to what fits
    When alpha wants to hold <wanted> BTC
    Then an order to <side> <ordered> BTC is sent

    Examples:
      | wanted | side | ordered |
      | 3.000  | buy  | 3.000   |
      | 3.333  | buy  | 3.333   |
      | 5.000  | buy  | 3.333   |
      | -5.000 | sell | 3.333   |

  @T-253
  Scenario: Without room for one lot nothing is sent
    Given alpha holds 3.333 BTC bought at 300.00
    When alpha wants to hold 3.334 BTC
    Then nothing is sent
    And the refusal names the rule max_exposure of T-253

  Scenario: While the fate of an order is unknown its room is taken and no other is sent
    When alpha wants to hold 3.333 BTC
    And the venue does not answer
    And alpha wants to hold 4.000 BTC
    Then nothing is sent
    And 3.333 BTC are still counted as under way

  Scenario: A smaller position is never refused
    Given alpha holds 3.333 BTC bought at 300.00
    When BTC trades at 900.00
    And alpha wants to hold 3.000 BTC
    Then an order to sell 0.333 BTC is sent
