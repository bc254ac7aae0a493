Feature: Answers
  What an acknowledgement looks like. The sender reads it letter by letter: what
  is not as documented counts as a failure, and v1 sends the callback again.

  @v1 @any-end
  Rule: v1 is answered with ErrorCode and ErrorMessage

    Background:
      Given the callbacks are v1
      When an audio call ends as normal_end
      And an audio call ends as reject

    @clause-v1-ack-http-200
    Scenario: A v1 answer has HTTP status 200
      Then every answer has HTTP status 200

    @clause-v1-ack-json-object
    Scenario: A v1 answer is one JSON object
      Then every answer is one JSON object

    @clause-v1-ack-errorcode-integer
    Scenario: A v1 answer has the integer ErrorCode 0
      Then every answer has the integer ErrorCode 0

    @clause-v1-ack-errormessage-string
    Scenario: A v1 answer has an ErrorMessage
      Then every answer has the string ErrorMessage

    @clause-v1-ack-key-case
    Scenario: A v1 answer spells its keys as documented
      Then every answer spells ErrorCode and ErrorMessage like that

  @v4 @any-end
  Rule: v4 is answered with ActionStatus, ErrorInfo and ErrorCode

    Background:
      Given the callbacks are v4
      When an audio call ends as normal_end
      And an audio call ends as reject

    @clause-v4-ack-http-200
    Scenario: A v4 answer has HTTP status 200
      Then every answer has HTTP status 200

    @clause-v4-ack-json-object
    Scenario: A v4 answer is one JSON object
      Then every answer is one JSON object

    @clause-v4-ack-actionstatus-ok
    Scenario: A v4 answer has the ActionStatus OK
      Then every answer has the string ActionStatus OK

    @clause-v4-ack-errorinfo-string
    Scenario: A v4 answer has an ErrorInfo
      Then every answer has the string ErrorInfo

    @clause-v4-ack-errorcode-integer
    Scenario: A v4 answer has the integer ErrorCode 0
      Then every answer has the integer ErrorCode 0

  Rule: An answer comes in time and as plain text

    @clause-ack-within-timeout
    Scenario Outline: Every <generation> answer comes within 2 seconds
      Given the callbacks are <generation>
      When alice calls bob, carol
      And at 3s bob answers
      And at 4s carol declines
      And at 5s alice invites dave
      And at 8s dave answers
      And at 9s erin joins
      And at 20s bob loses the line
      And at 30s alice hangs up
      And dave hangs up
      Then every answer comes within 2s

      @v1
      Examples:
        | generation |
        | v1         |

      @v4
      Examples:
        | generation |
        | v4         |

    @clause-ack-not-encoded @any-end
    Scenario Outline: No <generation> answer is compressed
      Given the callbacks are <generation>
      When an audio call ends as normal_end
      Then every answer is plain text

      @v1
      Examples:
        | generation |
        | v1         |

      @v4
      Examples:
        | generation |
        | v4         |
