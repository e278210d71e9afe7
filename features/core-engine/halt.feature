Feature: Halt
  A halted engine decides nothing. Only the operator and the engine's own exits may close, and only what is held.

  Background:
    Given a strategy alpha with 10000 USDT
    And BTC trades at 100.00
    And alpha holds 3.000 BTC bought at 100.00

  @T-007
  Scenario: No new risk while halted
    When the operator halts the engine because of "odd fills"
    And alpha wants to hold 4.000 BTC
    Then nothing is sent
    And the refusal names the rule engine_mode of T-007

  @T-008
  Scenario: The operator may close while halted
    When the operator halts the engine because of "odd fills"
    And the operator closes everything
    Then an order to sell 3.000 BTC is sent
    When the order trades at 99.00
    Then alpha holds 0 BTC
    And the engine is halted

  @T-007
  Scenario: Only the operator resumes
    When the operator halts the engine because of "odd fills"
    And BTC trades at 101.00
    And alpha wants to hold 4.000 BTC
    Then nothing is sent
    And the engine is halted
    When the operator resumes because of "venue confirmed"
    And alpha wants to hold 4.000 BTC
    Then an order to buy 1.000 BTC is sent
