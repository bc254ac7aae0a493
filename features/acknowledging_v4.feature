@v4
Feature: Acknowledging v4 callbacks
  Whatever happens in a call, the callback about it is acknowledged. The
  documents promise no second attempt.

  Rule: Each of the three commands is acknowledged

    Scenario Outline: <command> is acknowledged
      Given the callbacks are v4
      When an audio call ends as normal_end
      Then <command> is acknowledged

      @clause-v4-command-start-call-acknowledged
      Examples:
        | command                     |
        | Call.CallbackAfterStartCall |

      @clause-v4-command-member-changed-acknowledged
      Examples:
        | command                         |
        | Call.CallbackAfterMemberChanged |

      @clause-v4-command-end-call-acknowledged
      Examples:
        | command                   |
        | Call.CallbackAfterEndCall |

  Rule: Each change of a member is acknowledged

    Scenario Outline: A change with the action <action> is acknowledged
      Given the callbacks are v4
      When an audio call ends as <result>
      Then the change <action> is acknowledged

      @clause-v4-action-accept-acknowledged
      Examples:
        | action | result     |
        | Accept | normal_end |

      @clause-v4-action-reject-acknowledged
      Examples:
        | action | result |
        | Reject | reject |

      @clause-v4-action-not-answer-acknowledged
      Examples:
        | action    | result     |
        | NotAnswer | not_answer |

      @clause-v4-action-hangup-acknowledged
      Examples:
        | action | result     |
        | Hangup | normal_end |

      @clause-v4-action-offline-acknowledged
      Examples:
        | action  | result    |
        | Offline | interrupt |

      @clause-v4-action-cancel-invite-acknowledged
      Examples:
        | action        | result |
        | Cancel_Invite | cancel |

    @clause-v4-action-join-acknowledged
    Scenario: A change with the action Join is acknowledged
      Given the callbacks are v4
      When alice calls bob, carol
      And at 3s bob answers
      And at 7s dave joins
      Then the change Join is acknowledged

    @clause-v4-action-invite-acknowledged
    Scenario: A change with the action Invite is acknowledged
      Given the callbacks are v4
      When alice calls bob, carol
      And at 3s bob answers
      And at 5s alice invites dave
      Then the change Invite is acknowledged

    @clause-v4-action-cancel-invite-acknowledged
    Scenario: The withdrawal of an invitation is acknowledged
      Given the callbacks are v4
      When alice calls bob, carol
      And at 3s bob answers
      And at 5s alice invites dave
      And at 9s alice withdraws the invitation of dave
      Then the change Cancel_Invite is acknowledged

  @clause-v4-results-acknowledged
  Rule: The end of a call is acknowledged with each result

    Scenario Outline: An end with the result <CallResult> is acknowledged
      Given the callbacks are v4
      When an audio call ends as <result>
      Then Call.CallbackAfterEndCall is acknowledged

      Examples:
        | CallResult | result     |
        | Cancel     | cancel     |
        | Reject     | reject     |
        | NotAnswer  | not_answer |
        | NormalEnd  | normal_end |
        | CallBusy   | call_busy  |
        | Interrupt  | interrupt  |

    Scenario: An end with the result Offline is acknowledged
      Given the callbacks are v4
      And the sender says heartbeat_result=Offline
      When alice calls bob
      And at 3s bob answers
      And at 9s bob's battery is pulled
      And nothing happens until 1m
      Then Call.CallbackAfterEndCall is acknowledged

  Rule: What the documents leave open is taken as in their samples

    @clause-v4-callee-list-with-caller
    Scenario: A record that lists the caller as well is acknowledged
      Given the callbacks are v4
      And the sender says callee_list=with_caller
      When an audio call ends as normal_end
      Then Call.CallbackAfterEndCall is acknowledged

    @clause-v4-start-media-key
    Scenario: A start with its media under CallMediaType is acknowledged
      Given the callbacks are v4
      And the sender says start_media_key=CallMediaType
      When alice calls bob by video
      Then Call.CallbackAfterStartCall is acknowledged

    @clause-v4-user-account-number
    Scenario: A User_Account that is a number is acknowledged
      Given the callbacks are v4
      And user ids are as written
      And the sender says user_account=number
      When 10001 calls 10002
      And at 3s 10002 answers
      And at 9s 10001 hangs up
      Then every callback is acknowledged

  Rule: A callback is acknowledged whatever the phone runs

    @clause-v4-platforms-all
    Scenario Outline: v4 callbacks from <platform> are acknowledged
      Given the callbacks are v4
      And the phones run <platform>
      When an audio call ends as normal_end
      Then every callback is acknowledged

      Examples:
        | platform |
        | iOS      |
        | Android  |
        | Web      |
        | Windows  |
        | macOS    |
        | Mac      |
        | iPad     |
        | RESTAPI  |
        | Unknown  |
