@v1
Feature: Acknowledging v1 callbacks
  Whatever happens in a call, the callback about it is acknowledged: one that is
  not comes six more times.

  Rule: A status callback is acknowledged with each result

    Scenario Outline: A status callback of <result> is acknowledged
      Given the callbacks are v1
      When an audio call ends as <result>
      Then <result> is acknowledged

      @clause-v1-result-normal-end-acknowledged
      Examples:
        | result     |
        | normal_end |

      @clause-v1-result-cancel-acknowledged
      Examples:
        | result |
        | cancel |

      @clause-v1-result-reject-acknowledged
      Examples:
        | result |
        | reject |

      @clause-v1-result-not-answer-acknowledged
      Examples:
        | result     |
        | not_answer |

      @clause-v1-result-call-busy-acknowledged
      Examples:
        | result    |
        | call_busy |

      @clause-v1-result-interrupt-acknowledged
      Examples:
        | result    |
        | interrupt |

  Rule: An event callback is acknowledged with each word

    Scenario Outline: An event callback of <word> is acknowledged
      Given the callbacks are v1
      When an audio call ends as <result>
      Then <word> is acknowledged

      @clause-v1-event-start-acknowledged
      Examples: a start
        | word                | result     |
        | caller_start_call   | normal_end |
        | callee_receive_call | normal_end |

      @clause-v1-event-answer-acknowledged
      Examples: an answer
        | word                 | result     |
        | callee_accept_call   | normal_end |
        | caller_call_accepted | normal_end |

      @clause-v1-event-rejection-acknowledged
      Examples: a rejection
        | word                 | result |
        | callee_reject_call   | reject |
        | caller_call_rejected | reject |

      @clause-v1-event-busy-acknowledged
      Examples: a busy line
        | word               | result    |
        | callee_ignore_call | call_busy |
        | caller_call_busy   | call_busy |

      @clause-v1-event-no-answer-acknowledged
      Examples: no answer
        | word                   | result     |
        | callee_not_answer_call | not_answer |
        | caller_call_missed     | not_answer |

      @clause-v1-event-cancellation-acknowledged
      Examples: a cancellation
        | word                 | result |
        | caller_cancel_call   | cancel |
        | callee_call_canceled | cancel |

      @clause-v1-event-hang-up-acknowledged
      Examples: a hang-up
        | word            | result     |
        | caller_call_end | normal_end |
        | callee_call_end | normal_end |

      @clause-v1-event-interruption-acknowledged
      Examples: a lost line
        | word                    | result    |
        | callee_call_interrupted | interrupt |

    @clause-v1-event-interruption-acknowledged
    Scenario: An event callback of caller_call_interrupted is acknowledged
      Given the callbacks are v1
      When alice calls bob
      And at 3s bob answers
      And at 9s alice loses the line
      Then caller_call_interrupted is acknowledged

    @clause-v1-event-failure-acknowledged
    Scenario: An event callback of caller_call_failed is acknowledged
      Given the callbacks are v1
      When alice fails to call bob
      Then caller_call_failed is acknowledged

    @clause-v1-event-invitation-acknowledged
    Scenario: An event callback of invite_user is acknowledged
      Given the callbacks are v1
      When alice calls bob, carol
      And at 3s bob answers
      And at 5s alice invites dave
      Then invite_user is acknowledged

    @clause-v1-event-join-acknowledged
    Scenario: An event callback of join_in_group_call is acknowledged
      Given the callbacks are v1
      When alice calls bob, carol
      And at 3s bob answers
      And at 7s dave joins
      Then join_in_group_call is acknowledged

  Rule: What is not known yet is absent, empty or 0

    @clause-v1-ts-absent
    Scenario Outline: A status callback of <result> is acknowledged without its times
      Given the callbacks are v1
      And the sender says ts=documented
      When a video call ends as <result>
      Then <result> is acknowledged

      Examples:
        | result     |
        | cancel     |
        | reject     |
        | not_answer |
        | call_busy  |
        | interrupt  |

    @clause-v1-event-ts-zero
    Scenario: An event callback is acknowledged while its times are 0
      Given the callbacks are v1
      And the sender says ts=documented
      When alice calls bob
      Then caller_start_call and callee_receive_call are acknowledged

    @clause-v1-event-result-empty
    Scenario: An event callback is acknowledged while its result is empty
      Given the callbacks are v1
      When alice calls bob
      And at 3s bob answers
      Then caller_start_call, callee_receive_call, callee_accept_call and caller_call_accepted are acknowledged

  Rule: A callback is acknowledged whatever the phone runs

    @clause-v1-platforms-all @any-end
    Scenario Outline: v1 callbacks from <platform> are acknowledged
      Given the callbacks are v1
      And the phones run <platform>
      When an audio call ends as normal_end
      Then every callback is acknowledged

      Examples:
        | platform    |
        | iOS         |
        | Android     |
        | Web         |
        | miniProgram |
