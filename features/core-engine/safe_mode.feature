Feature: Leaving safe mode
  The book or the clock could not be trusted. Whoever wants to run again has to see that both can be: each cause stays open, with the
  time since when, until its own check has passed, and what is over resumes nothing by itself.

  Background:
    Given a strategy alpha with 10000 USDT
    And it is 00:00 UTC
    And BTC trades at 100.00
    And alpha holds 2.000 BTC bought at 100.00

  @T-278
  Scenario: Every cause is named until its own check has passed
    When the venue reports a major drift of BTC
    And BTC trades at 101.00
    And the clock is 2000 ms off the venue's
    Then the engine is safe
    And what stands in the way is
      | cause                         | since                | until                            |
      | major drift of BTCUSDT        | 2023-02-01T00:00:00Z | until a report agrees on BTCUSDT |
      | clock offset of 2000000000 ns | 2023-02-01T00:01:00Z | until a sample is within the bound |
    When the operator asks to resume because of "it looks fine"
    Then the command was refused
    And the engine is safe
    When the venue agrees on BTC
    And the operator asks to resume because of "the book is right"
    Then the command was refused
    And the engine is safe
    When the clock is 10 ms off the venue's
    Then the engine is safe
    When the operator asks to resume because of "both are right"
    Then the command was obeyed
    And the engine is running

  @T-278
  Scenario: A restart knows since when, and still waits
    When the venue reports a severe drift of BTC
    And the engine is restarted from its journal
    Then the restarted engine is safe
    And what stands in the way of the restarted engine is
      | cause                   | since                | until                            |
      | severe drift of BTCUSDT | 2023-02-01T00:00:00Z | until a report agrees on BTCUSDT |
