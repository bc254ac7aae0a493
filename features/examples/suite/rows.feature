Feature: My database
  Steps of Ringback place calls and judge answers; steps of my own look at my rows.

  @smoke
  Scenario Outline: A call that ends as <result> is one row
    Given the callbacks are v1
    When an audio call ends as <result>
    Then my database has one row of each call
    And the row says <result>

    Examples:
      | result     |
      | normal_end |
      | cancel     |

  Scenario: A callback that comes again is no second row
    Given the callbacks are v1
    And the faults are lose_answer
    When alice calls bob as call first
    And at 3s bob answers in call first
    And at 9s alice hangs up in call first
    Then each callback was sent twice
    But my database has one row of each call

  Scenario: My own admin sees who is in a call
    When alice calls bob
    And at 3s bob answers
    And my admin looks
    And at 9s alice hangs up
    Then the admin saw alice and bob

  @should
  Scenario: Both generations tell of one call
    When alice calls bob
    And at 3s bob declines
    Then every callback is acknowledged
    And my database has one row of each call
