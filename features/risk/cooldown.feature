Feature: Cooldown after a loss
  A strategy that realised a loss opens nothing for a while. Other strategies are free, and closing is never delayed.

  Background:
    Given a strategy alpha with 10000 USDT
    And alpha pauses 15 minutes after a loss
    And a strategy beta with 10000 USDT
    And it is 09:58 UTC
    And BTC trades at 100.00
    And alpha holds 1.000 BTC bought at 100.00

  @T-017
  Scenario Outline: New risk waits until the pause is over
    Given at 10:00 UTC alpha sells its BTC at <sold>
    When it is <time> UTC
    And alpha wants to hold 1.000 BTC
    Then <outcome>

    Examples:
      | sold   | time  | outcome                           |
      | 99.99  | 10:14 | nothing is sent                   |
      | 99.99  | 10:15 | an order to buy 1.000 BTC is sent |
      | 100.00 | 10:01 | an order to buy 1.000 BTC is sent |
      | 100.01 | 10:01 | an order to buy 1.000 BTC is sent |

  @T-017
  Scenario: Another strategy does not wait
    Given at 10:00 UTC alpha sells its BTC at 99.00
    When it is 10:01 UTC
    And alpha wants to hold 1.000 BTC
    Then the refusal names the rule cooldown of T-256
    When beta wants to hold 1.000 BTC
    Then an order to buy 1.000 BTC is sent

  @T-017
  Scenario: A restart neither ends nor prolongs the pause
    Given at 10:00 UTC alpha sells its BTC at 99.00
    And it is 10:07 UTC
    When the engine is restarted from its journal
    Then alpha would be refused at 10:14 UTC
    And alpha would be approved at 10:15 UTC
