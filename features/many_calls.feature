Feature: Many calls
  Calls take place at the same time, and in the same rooms. The CallId tells
  them apart.

  @clause-calls-at-once-acknowledged
  Rule: Callbacks of many calls at once are acknowledged

    Scenario Outline: The <generation> callbacks of 40 calls at once are acknowledged
      Given the callbacks are <generation>
      When 40 calls take place at once
      Then every callback is acknowledged

      @v1
      Examples:
        | generation |
        | v1         |

      @v4
      Examples:
        | generation |
        | v4         |

    @any-end
    Scenario Outline: The <generation> callbacks of 40 calls at once are acknowledged at the first attempt
      Given the callbacks are <generation>
      And the receiver subscribes to <ends>
      When 40 calls end as normal_end at once
      Then every first attempt is acknowledged

      @v1
      Examples:
        | generation | ends       |
        | v1         | normal_end |

      @v4
      Examples:
        | generation | ends                      |
        | v4         | Call.CallbackAfterEndCall |

  Rule: Each call has its own end

    @clause-calls-at-once-apart
    Scenario Outline: Each of two <generation> calls that overlap keeps its own end
      Given the callbacks are <generation>
      When alice calls bob as call first
      And at 1s carol calls dave as call second
      And at 3s dave answers in call second
      And at 4s bob declines in call first
      And at 12s carol hangs up in call second
      Then one end is stored of call first
      And the result stored is reject of call first
      And one end is stored of call second
      And the result stored is normal_end of call second

      @v1
      Examples:
        | generation |
        | v1         |

      @v4
      Examples:
        | generation |
        | v4         |

    @clause-calls-at-once-apart
    Scenario Outline: Each of 20 <generation> calls at once keeps its own end
      Given the callbacks are <generation>
      When 20 calls take place at once
      Then each call is stored with its own end

      @v1
      Examples:
        | generation |
        | v1         |

      @v4
      Examples:
        | generation |
        | v4         |

    @clause-ack-means-stored
    Scenario Outline: Each <generation> end that was acknowledged is stored
      Given the callbacks are <generation>
      And the receiver subscribes to the ends of calls
      When 20 calls take place at once
      Then each call is stored with its own end

      @v1
      Examples:
        | generation |
        | v1         |

      @v4
      Examples:
        | generation |
        | v4         |

    @clause-ack-means-stored @any-end
    Scenario Outline: Each of 100 <generation> ends that were acknowledged at once is stored
      Given the callbacks are <generation>
      And the receiver subscribes to <end>
      When 100 calls end as normal_end at once
      Then each call is stored with its own end

      @v1
      Examples:
        | generation | end        |
        | v1         | normal_end |

      @v4
      Examples:
        | generation | end                       |
        | v4         | Call.CallbackAfterEndCall |

  @clause-callbacks-at-once-one-call
  Rule: Callbacks that arrive at once make one call of one CallId

    Scenario Outline: The first <generation> callbacks of a call, all at once, make one call
      Given the callbacks are <generation>
      And the receiver subscribes to <words>
      And callbacks of one call do not wait for each other
      When 40 calls end as reject at once
      Then each call is stored with its own end

      @v1
      Examples:
        | generation | words                                            |
        | v1         | callee_reject_call, caller_call_rejected, reject |

      @v4
      Examples:
        | generation | words                                                      |
        | v4         | Call.CallbackAfterMemberChanged, Call.CallbackAfterEndCall |

  Rule: A room is not a call

    @clause-rooms-reused
    Scenario Outline: Two <generation> calls in one room, one after the other, are both stored
      Given the callbacks are <generation>
      When alice calls bob in room standup as call first
      And at 3s bob answers
      And at 9s alice hangs up
      And at 20s alice calls bob in room standup as call second
      And at 23s bob declines
      Then each call is stored with its own end

      @v1
      Examples:
        | generation |
        | v1         |

      @v4
      Examples:
        | generation |
        | v4         |

    @clause-rooms-by-case
    Scenario Outline: Two <generation> calls at once in rooms that differ in letter case are both stored
      Given the callbacks are <generation>
      When alice calls bob in room Retro as call first
      And at 1s carol calls dave in room retro as call second
      And at 3s bob answers in call first
      And at 4s dave declines in call second
      And at 9s alice hangs up in call first
      Then each call is stored with its own end

      @v1
      Examples:
        | generation |
        | v1         |

      @v4
      Examples:
        | generation |
        | v4         |
