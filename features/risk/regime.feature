Feature: Unknown regime
  A strategy that decides by the volatility regime of an instrument opens nothing while nobody knows it: in warm-up, behind a gap,
  when it is old. What makes a position smaller is never held back.

  Background:
    Given a strategy alpha with 10000 USDT
    And alpha decides by the regime of BTC
    And a strategy beta with 10000 USDT
    And BTC trades at 100.00

  @T-371
  Scenario: Before the first label nothing opens, and who does not ask for it does not wait
    When alpha wants to hold 1.000 BTC
    Then nothing is sent
    And the refusal names the rule critical_aux of T-274
    When beta wants to hold 1.000 BTC
    Then an order to buy 1.000 BTC is sent

  @T-371
  Scenario Outline: While the regime is unknown a position may only shrink
    When the regime of BTC becomes low_vol
    And alpha comes to hold 2.000 BTC at 100.00
    And the regime of BTC becomes UNKNOWN
    And alpha wants to hold <wanted> BTC
    Then <outcome>

    Examples:
      | wanted | outcome                            |
      | 3.000  | nothing is sent                    |
      | 1.500  | an order to sell 0.500 BTC is sent |
      | 0      | an order to sell 2.000 BTC is sent |

  Scenario: A label is as old as the newest bar, and lives for a minute of them
    When the regime of BTC becomes low_vol
    And 3 minutes pass without a bar of BTC
    And alpha wants to hold 1.000 BTC
    Then nothing is sent
    And the refusal names the rule critical_aux of T-274
