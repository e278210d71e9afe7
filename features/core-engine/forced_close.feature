Feature: Forced close
  What strategies still hold when the data end is closed at the last close, costs included, each position for itself.

  Background:
    Given 50 minutes of BTC that end at 200.00
    And a fee of 5 bp and half a spread of 10 bp

  @T-025
  Scenario: Long and short are closed one by one and not netted
    Given strategy up holds 2.000 BTC to the end
    And strategy down holds -1.000 BTC to the end
    When the data end
    Then the forced closes are
      | strategy | side | quantity | price  | fee    |
      | up       | sell | 2.000    | 199.80 | 0.1998 |
      | down     | buy  | 1.000    | 200.20 | 0.1001 |
    And nobody holds anything when the run is finished

  Scenario: Who is flat is left alone
    Given strategy flat holds 0.000 BTC to the end
    When the data end
    Then there is no forced close
    And nobody holds anything when the run is finished
