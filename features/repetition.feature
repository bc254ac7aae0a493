Feature: Repetition
  An acknowledgement can be lost, and then the sender cannot know. What comes
  again is acknowledged again, and counts once.

  @clause-duplicate-acknowledged @any-end
  Rule: What comes again is acknowledged again

    Scenario Outline: A <generation> callback that comes <how> is acknowledged
      Given the callbacks are <generation>
      And the sender says v4_retry=v1
      And the faults are "<fault>"
      When an audio call ends as normal_end
      Then every callback is acknowledged

      @v1
      Examples:
        | generation | how                                 | fault         |
        | v1         | twice in a row                      | duplicate     |
        | v1         | again after its acknowledgement     | replay=2      |
        | v1         | again after its answer was lost     | lose_answer   |
        | v1         | again after its connection was lost | reset=2       |

      @v4
      Examples:
        | generation | how                                 | fault         |
        | v4         | twice in a row                      | duplicate     |
        | v4         | again after its acknowledgement     | replay=2      |
        | v4         | again after its answer was lost     | lose_answer   |
        | v4         | again after its connection was lost | reset=2       |

  @clause-duplicate-at-once-acknowledged @any-end
  Rule: What comes several times at once is acknowledged each time

    Scenario Outline: A <generation> callback that comes three times at once is acknowledged
      Given the callbacks are <generation>
      And the faults are "race=2"
      When an audio call ends as normal_end
      Then every callback is acknowledged

      @v1
      Examples:
        | generation |
        | v1         |

      @v4
      Examples:
        | generation |
        | v4         |

  Rule: What comes again is stored once

    @any-end
    Scenario Outline: A <generation> end that comes <how> is stored once
      Given the callbacks are <generation>
      And the sender says v4_retry=v1
      And the faults are "<fault>@<end>"
      When an audio call ends as normal_end
      Then one end is stored
      And the result stored is normal_end

      @v1 @clause-duplicate-stored-once
      Examples:
        | generation | how                                 | fault         | end      |
        | v1         | twice in a row                      | duplicate     | call_end |
        | v1         | again after its acknowledgement     | replay=2      | call_end |

      @v4 @clause-duplicate-stored-once
      Examples:
        | generation | how                                 | fault         | end                       |
        | v4         | twice in a row                      | duplicate     | Call.CallbackAfterEndCall |
        | v4         | again after its acknowledgement     | replay=2      | Call.CallbackAfterEndCall |

      @v1 @clause-duplicate-after-lost-answer
      Examples:
        | generation | how                                 | fault         | end      |
        | v1         | again after its answer was lost     | lose_answer=4 | call_end |
        | v1         | again after its connection was lost | reset=4       | call_end |

      @v4 @clause-duplicate-after-lost-answer
      Examples:
        | generation | how                                 | fault         | end                       |
        | v4         | again after its answer was lost     | lose_answer=4 | Call.CallbackAfterEndCall |
        | v4         | again after its connection was lost | reset=4       | Call.CallbackAfterEndCall |

      @v1 @clause-duplicate-at-once
      Examples:
        | generation | how                                 | fault         | end      |
        | v1         | five times at once                  | race=4        | call_end |

      @v4 @clause-duplicate-at-once
      Examples:
        | generation | how                                 | fault         | end                       |
        | v4         | five times at once                  | race=4        | Call.CallbackAfterEndCall |

    @clause-duplicate-stored-once
    Scenario Outline: A <generation> call of which everything comes twice is stored once
      Given the callbacks are <generation>
      And the faults are duplicate, replay
      When alice calls bob, carol by video
      And at 3s bob answers
      And at 5s carol answers
      And at 20s carol hangs up
      And at 30s alice hangs up
      Then one end is stored
      And nobody is stored as a member

      @v1
      Examples:
        | generation |
        | v1         |

      @v4
      Examples:
        | generation |
        | v4         |

  @clause-duplicate-late-harmless
  Rule: What comes again late changes nothing

    Scenario Outline: A <generation> end that comes again after other callbacks is stored once
      Given the callbacks are <generation>
      And the sender says v4_retry=v1
      And the faults are "lose_answer=4@<end>", "delay=10s@<answer>"
      When an audio call ends as normal_end
      Then one end is stored
      And the result stored is normal_end

      @v1
      Examples:
        | generation | end      | answer             |
        | v1         | call_end | callee_accept_call |

      @v4
      Examples:
        | generation | end                       | answer                          |
        | v4         | Call.CallbackAfterEndCall | Call.CallbackAfterMemberChanged |

    @any-end
    Scenario Outline: A <generation> end that comes again after 200 other calls is stored once
      Given the callbacks are <generation>
      And the receiver subscribes to <word>
      When an audio call ends as normal_end as call first
      And 200 calls end as normal_end at once
      And <word> is sent again in call first
      Then one end is stored of call first

      @v1
      Examples:
        | generation | word       |
        | v1         | normal_end |

      @v4
      Examples:
        | generation | word                      |
        | v4         | Call.CallbackAfterEndCall |

    Scenario Outline: A <generation> answer that comes again after the hang-up brings nobody back
      Given the callbacks are <generation>
      And the sender says v4_retry=v1
      When alice calls bob, carol
      And at 3s bob answers
      And at 5s the faults are "lose_answer=5@<answer>"
      And carol answers
      And there are no faults
      And at 6s carol hangs up
      And nothing happens until 20s
      Then the members stored are alice, bob

      @v1
      Examples:
        | generation | answer             |
        | v1         | callee_accept_call |

      @v4
      Examples:
        | generation | answer                          |
        | v4         | Call.CallbackAfterMemberChanged |

  Rule: What comes again much later is stored once

    @any-end
    Scenario Outline: A <generation> end that comes again after <what> is stored once
      Given the callbacks are <generation>
      When an audio call ends as normal_end
      Then one end is stored
      When <event>
      And <end> is sent again
      Then one end is stored
      And the result stored is normal_end

      @v1 @clause-duplicate-after-restart
      Examples:
        | generation | what      | event                     | end        |
        | v1         | a restart | the receiver is restarted | normal_end |

      @v4 @clause-duplicate-after-restart
      Examples:
        | generation | what      | event                     | end                       |
        | v4         | a restart | the receiver is restarted | Call.CallbackAfterEndCall |

      @v1 @clause-duplicate-after-a-minute
      Examples:
        | generation | what      | event            | end        |
        | v1         | a minute  | a minute goes by | normal_end |

      @v4 @clause-duplicate-after-a-minute
      Examples:
        | generation | what      | event            | end                       |
        | v4         | a minute  | a minute goes by | Call.CallbackAfterEndCall |

  @clause-duplicate-at-once @any-end
  Rule: What comes several times within microseconds is stored once

    Scenario Outline: Each of 100 <generation> ends that come five times at once is stored once
      Given the callbacks are <generation>
      And the receiver subscribes to <word>
      And connections are kept open
      And the faults are "race=4"
      When 100 calls end as normal_end at once
      Then each call is stored with its own end

      @v1
      Examples:
        | generation | word       |
        | v1         | normal_end |

      @v4
      Examples:
        | generation | word                      |
        | v4         | Call.CallbackAfterEndCall |

  Rule: Callbacks that only look alike are no repetitions

    @clause-distinct-of-one-call
    Scenario Outline: A <generation> end counts whatever came before it
      Given the callbacks are <generation>
      When an audio call ends as reject
      Then one end is stored
      And the result stored is reject

      @v1
      Examples:
        | generation |
        | v1         |

      @v4
      Examples:
        | generation |
        | v4         |

    @clause-distinct-of-one-call
    Scenario Outline: Two who do the same in a <generation> call are told of by two callbacks
      Given the callbacks are <generation>
      When alice calls bob, carol, dave
      And at 3s bob answers
      And at 4s carol answers
      And at 5s dave answers
      And at 9s carol hangs up
      Then the members stored are alice, bob, dave

      @v1
      Examples:
        | generation |
        | v1         |

      @v4
      Examples:
        | generation |
        | v4         |

    @clause-distinct-of-one-call
    Scenario Outline: Who leaves a <generation> call twice is told of by two callbacks
      Given the callbacks are <generation>
      When alice calls bob, carol
      And at 3s bob answers
      And at 4s carol answers
      And at 6s carol hangs up
      And at 8s carol joins
      And at 10s carol hangs up
      Then the members stored are alice, bob

      @v1
      Examples:
        | generation |
        | v1         |

      @v4
      Examples:
        | generation |
        | v4         |

    @clause-distinct-of-one-moment @any-end
    Scenario Outline: Two <generation> calls that end at the same moment are both stored
      Given the callbacks are <generation>
      When 2 calls end as normal_end at once
      Then each call is stored with its own end

      @v1
      Examples:
        | generation |
        | v1         |

      @v4
      Examples:
        | generation |
        | v4         |
