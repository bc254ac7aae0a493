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

  @clause-times-stored
  Rule: The times stored are those that the sender tells

    Scenario Outline: The times of a <generation> call of <begin> that ends as <result> are stored as they were told
      Given the callbacks are <generation>
      And it is <begin>
      When an audio call ends as <result>
      Then the times stored are those of the call

      @v1
      Examples:
        | generation | begin                | result     |
        | v1         | 2025-03-01T21:30:00Z | normal_end |
        | v1         | 2038-01-19T03:14:00Z | normal_end |

      @v4
      Examples:
        | generation | begin                | result     |
        | v4         | 2025-03-01T21:30:00Z | normal_end |
        | v4         | 2025-03-01T21:30:00Z | not_answer |
        | v4         | 2038-01-19T03:14:00Z | normal_end |

  @clause-long-talk-stored
  Rule: A talk may last a day

    Scenario Outline: A talk of <talk> in a <generation> call is stored whole
      Given the callbacks are <generation>
      When alice calls bob
      And bob answers
      And at <talk> alice hangs up
      Then the talk stored is <talk>

      @v1
      Examples:
        | generation | talk |
        | v1         | 10h  |
        | v1         | 25h  |

      @v4
      Examples:
        | generation | talk |
        | v4         | 10h  |
        | v4         | 25h  |

  @clause-talk-over-clock-changes
  Rule: Talk does not depend on what the clocks show meanwhile

    Scenario Outline: An hour of talk in a <generation> call over <what> is stored as an hour
      Given the callbacks are <generation>
      And it is <begin>
      When alice calls bob
      And bob answers
      And at 1h alice hangs up
      Then the talk stored is 1h

      @v1
      Examples:
        | generation | begin                | what                                 |
        | v1         | 2026-06-15T23:30:00Z | midnight                             |
        | v1         | 2026-06-15T15:30:00Z | midnight in China                    |
        | v1         | 2026-12-31T23:30:00Z | New Year                             |
        | v1         | 2028-02-29T23:30:00Z | the end of a leap day                |
        | v1         | 2026-03-29T00:30:00Z | the start of summer time in Europe   |
        | v1         | 2026-10-25T00:30:00Z | the end of summer time in Europe     |
        | v1         | 2026-03-08T06:30:00Z | the start of summer time in New York |
        | v1         | 2026-11-01T05:30:00Z | the end of summer time in New York   |
        | v1         | 2038-01-19T02:44:07Z | the end of 32-bit time               |

      @v4
      Examples:
        | generation | begin                | what                                 |
        | v4         | 2026-06-15T23:30:00Z | midnight                             |
        | v4         | 2026-06-15T15:30:00Z | midnight in China                    |
        | v4         | 2026-12-31T23:30:00Z | New Year                             |
        | v4         | 2028-02-29T23:30:00Z | the end of a leap day                |
        | v4         | 2026-03-29T00:30:00Z | the start of summer time in Europe   |
        | v4         | 2026-10-25T00:30:00Z | the end of summer time in Europe     |
        | v4         | 2026-03-08T06:30:00Z | the start of summer time in New York |
        | v4         | 2026-11-01T05:30:00Z | the end of summer time in New York   |
        | v4         | 2038-01-19T02:44:07Z | the end of 32-bit time               |
