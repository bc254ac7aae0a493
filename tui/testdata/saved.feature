Feature: What happened in a call

  @saved
  Scenario: A group video call that ends as normal end, call 1
    Given the sender says v4_retry=v1
    Given the faults are "delay=5s@callee_accept_call"
    When alice calls bob, carol by video with both callbacks
    And at 2s bob answers
    And at 4s bob invites dave
    And at 6s bob mutes
    And at 8s carol declines
    And at 10s dave answers
    And at 12s dave's battery is pulled
    And at 12s the faults are "drop"
    And at 52s alice hangs up
    Then every callback is acknowledged
