Feature: Drift
  Where the own book and the venue's differ, new risk waits for an operator. A severe difference closes what is held in
  that symbol, once.

  Background:
    Given a strategy alpha with 10000 USDT
    And BTC trades at 100.00
    And alpha holds 2.000 BTC bought at 100.00

  Scenario Outline: What a severity leads to
    When the venue reports a <severity> drift of BTC
    Then the engine is <mode>
    And <outcome>

    Examples:
      | severity | mode    | outcome                            |
      | minor    | running | nothing is sent                    |
      | unknown  | safe    | nothing is sent                    |
      | major    | safe    | nothing is sent                    |
      | severe   | safe    | an order to sell 2.000 BTC is sent |

  @T-259
  Scenario: A second report of the same drift stops nobody twice
    When the venue reports a major drift of BTC
    And the venue reports a major drift of BTC
    Then the mode has changed 1 times since running
