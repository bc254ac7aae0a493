Feature: What happened in a call

  @saved
  Scenario: A single audio call that ends as normal end, call 1
    Given the faults are "lose_answer=2@callee_accept_call", "malformed@caller_call_accepted", "delay=20s@caller_call_end"
    When alice calls bob with v1 callbacks
    And at 2.5s caller_start_call is retried at once
    And at 2.5s caller_start_call is sent again
    And at 2.5s every callback is sent again
    And at 3s bob answers
    And at 3.5s caller_start_call is given up by hand
    And at 12s alice hangs up
    And at 13.5s caller_call_end is given up by hand
    # caller_start_call was not acknowledged in 5 tries: HTTP 503, the receiver failed
    # copy 1 of caller_start_call was not acknowledged in 7 tries: HTTP 503, the receiver failed
    # copy 2 of caller_start_call was not acknowledged in 7 tries: HTTP 503, the receiver failed
    Then caller_start_call, callee_receive_call, callee_call_end, normal_end are acknowledged
    And callee_accept_call is acknowledged after 3 tries
    And caller_call_accepted is refused
    And caller_call_end is never sent
