Feature: Modes of the engine
  What each mode lets through is a table: running everything, close_only what makes a position smaller, safe and halted
  only the close of all that is held. An operator leads in, a restart leads nowhere.

  Background:
    Given a strategy alpha with 10000 USDT
    And BTC trades at 100.00
    And alpha holds 2.000 BTC bought at 100.00

  @T-275
  Scenario Outline: What passes in a mode is what its table says
    When the operator leads the engine to <mode>
    And alpha wants to hold <wanted> BTC
    Then <outcome>

    Examples:
      | mode       | wanted | outcome                            |
      | close_only | 3.000  | nothing is sent                    |
      | close_only | 1.500  | an order to sell 0.500 BTC is sent |
      | close_only | 0      | an order to sell 2.000 BTC is sent |
      | safe       | 3.000  | nothing is sent                    |
      | safe       | 1.500  | nothing is sent                    |
      | safe       | 0      | an order to sell 2.000 BTC is sent |
      | halted     | 3.000  | nothing is sent                    |
      | halted     | 1.500  | nothing is sent                    |
      | halted     | 0      | an order to sell 2.000 BTC is sent |

  @T-275
  Scenario: A partial reduction in safe mode is refused by name
    When the operator leads the engine to safe
    And alpha wants to hold 1.500 BTC
    Then the refusal names the rule safe_mode of T-275

  Scenario Outline: A restart finds the mode that it left
    When the operator leads the engine to <mode>
    And the engine is restarted from its journal
    Then the restarted engine is <mode>
    And the restarted engine answers alpha that wants <wanted> BTC with <said>

    Examples:
      | mode       | wanted | said            |
      | running    | 3.000  | order_submitted |
      | close_only | 3.000  | intent_denied   |
      | close_only | 1.000  | order_submitted |
      | safe       | 1.000  | intent_denied   |
      | safe       | 0      | order_submitted |
      | halted     | 3.000  | intent_denied   |
      | halted     | 0      | order_submitted |
