Feature: Circuit breaker
  When half of the last twenty calls to the venue failed, no new risk is sent to it for a minute. Then one order at a time
  tries it. What leaves a position passes always.

  Background:
    Given a strategy alpha with 10000 USDT
    And a strategy beta with 10000 USDT
    And BTC trades at 100.00
    And alpha holds 2.000 BTC bought at 100.00

  @T-261
  Scenario Outline: It judges ten calls and more
    When <good> venue calls succeed
    And <bad> venue calls fail
    Then the breaker is <state>

    Examples:
      | good | bad | state  |
      | 0    | 9   | closed |
      | 0    | 10  | open   |
      | 10   | 9   | closed |
      | 10   | 10  | open   |

  @T-261
  Scenario: Open, it refuses what opens and lets pass what closes
    When 10 venue calls fail
    And alpha wants to hold 3.000 BTC
    Then the refusal names the rule error_breaker of T-261
    When alpha wants to hold 0 BTC
    Then an order to sell 2.000 BTC is sent

  @T-262
  Scenario: After a minute one order tries it and the next one waits
    When 10 venue calls fail
    And 1 minutes pass
    And alpha wants to hold 3.000 BTC
    Then an order to buy 1.000 BTC is sent
    When beta wants to hold 1.000 BTC
    Then the refusal names the rule error_breaker of T-261
    When 1 venue calls succeed
    And beta wants to hold 1.000 BTC
    Then an order to buy 1.000 BTC is sent
