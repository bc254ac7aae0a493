Feature: Times
  v1 tells time in seconds. v4 tells EventTime in milliseconds and the times of
  a record in seconds.

  Rule: Talk is counted in seconds

    Scenario Outline: A talk of an hour in a <generation> call is stored in seconds
      Given the callbacks are <generation>
      When alice calls bob
      And bob answers
      And at 1h alice hangs up
      Then the talk stored is 1h

      @v1 @clause-v1-times-seconds
      Examples:
        | generation |
        | v1         |

      @v4 @clause-v4-event-time-milliseconds
      Examples:
        | generation |
        | v4         |

    @v4 @clause-v4-record-times-seconds
    Scenario: A talk that the record alone tells of is stored in seconds
      Given the callbacks are v4
      And the receiver subscribes to Call.CallbackAfterEndCall
      When alice calls bob
      And bob answers
      And at 1h alice hangs up
      Then the talk stored is 1h

  Rule: Ringing is not talking

    Scenario Outline: Of a <generation> call that rings 20 seconds and lasts 1 more, 1 second is stored
      Given the callbacks are <generation>
      When alice calls bob
      And at 20s bob answers
      And at 21s alice hangs up
      Then the talk stored is 1s

      @v1 @clause-v1-duration-from-answer
      Examples:
        | generation |
        | v1         |

      @v4 @clause-v4-duration-from-answer
      Examples:
        | generation |
        | v4         |

    Scenario Outline: The talk of a <generation> call does not depend on what the sender's clock shows
      Given the callbacks are <generation>
      And the faults are "skew=-1h"
      When an audio call ends as normal_end
      Then the talk stored is 9s

      @v1 @clause-v1-duration-from-answer
      Examples:
        | generation |
        | v1         |

      @v4 @clause-v4-duration-from-answer
      Examples:
        | generation |
        | v4         |

  @v4 @clause-v4-accept-time-zero
  Rule: An AcceptTime of 0 says that nobody answered

    Scenario Outline: Of a call that ends as <result> no talk is stored
      Given the callbacks are v4
      When an audio call ends as <result>
      Then the talk stored is 0s

      Examples:
        | result     |
        | cancel     |
        | reject     |
        | not_answer |
        | call_busy  |
