Feature: Kill file
  A file at a known path stops all new risk at once. What is held may be closed; only an operator goes on.

  Background:
    Given a strategy alpha with 10000 USDT
    And BTC trades at 100.00
    And alpha holds 2.000 BTC bought at 100.00
    And a kill file is seen

  Scenario: It halts, and the refusal says so
    Then the engine is halted
    When alpha wants to hold 3.000 BTC
    Then nothing is sent
    And the refusal names the rule kill_file of T-277

  Scenario: The way out stays open
    When alpha wants to hold 0 BTC
    Then an order to sell 2.000 BTC is sent

  Scenario: Time alone resumes nothing
    When 100 minutes pass
    And alpha wants to hold 3.000 BTC
    Then nothing is sent
    When the operator resumes because of "file removed, checked"
    And alpha wants to hold 3.000 BTC
    Then an order to buy 1.000 BTC is sent
