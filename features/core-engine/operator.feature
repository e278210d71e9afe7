Feature: Operator
  An operator speaks to a running process. What he says is journaled with who and why before it leads to anything; what the mode does
  not allow is refused and changes nothing. A restart hears nothing twice and forgets nothing.

  Background:
    Given a strategy alpha with 10000 USDT
    And BTC trades at 100.00
    And alpha holds 2.000 BTC bought at 100.00

  Scenario Outline: What a command leads to in each mode
    When the operator leads the engine to <mode>
    And the operator asks to <command> because of "drill"
    Then the command was <answer>
    And the journal says who asked to <command> and why
    And the engine is <after>
    When the engine is restarted from its journal
    Then the restarted engine is <after>

    Examples:
      | mode       | command    | answer  | after      |
      | running    | halt       | obeyed  | halted     |
      | close_only | halt       | obeyed  | halted     |
      | safe       | halt       | obeyed  | halted     |
      | halted     | halt       | refused | halted     |
      | running    | resume     | refused | running    |
      | close_only | resume     | obeyed  | running    |
      | safe       | resume     | obeyed  | running    |
      | halted     | resume     | obeyed  | running    |
      | running    | close-only | obeyed  | close_only |
      | close_only | close-only | refused | close_only |
      | safe       | close-only | refused | safe       |
      | halted     | close-only | refused | halted     |
      | running    | safe       | obeyed  | safe       |
      | close_only | safe       | obeyed  | safe       |
      | safe       | safe       | refused | safe       |
      | halted     | safe       | refused | halted     |
      | running    | cancel-all | obeyed  | running    |
      | close_only | cancel-all | obeyed  | close_only |
      | safe       | cancel-all | obeyed  | safe       |
      | halted     | cancel-all | obeyed  | halted     |
      | running    | close-all  | obeyed  | halted     |
      | close_only | close-all  | obeyed  | halted     |
      | safe       | close-all  | obeyed  | safe       |
      | halted     | close-all  | obeyed  | halted     |
      | running    | stop       | obeyed  | stopped    |
      | close_only | stop       | obeyed  | stopped    |
      | safe       | stop       | obeyed  | stopped    |
      | halted     | stop       | obeyed  | stopped    |

  @T-278
  Scenario: A kill file that is still there refuses a resume, and its absence resumes nothing
    When a kill file is seen
    And the operator asks to resume because of "too early" while the file is there
    Then the command was refused
    And the engine is halted
    When 100 minutes pass
    And alpha wants to hold 3.000 BTC
    Then nothing is sent
    And the refusal names the rule kill_file of T-277
    When the operator asks to resume because of "file removed, disk checked"
    Then the command was obeyed
    And the engine is running
    When alpha wants to hold 3.000 BTC
    Then an order to buy 1.000 BTC is sent

  Scenario: Closing everything leaves no order that opens, and ends flat
    When alpha wants to hold 3.000 BTC
    And the operator asks to close-all because of "end of the day"
    Then the engine is halted
    And the order that opens is being cancelled
    When the cancel is confirmed
    Then an order to sell 2.000 BTC is sent
    When the order trades at 99.00
    Then alpha holds 0 BTC
    And the engine is halted
