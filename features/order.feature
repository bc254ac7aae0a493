Feature: Order
  Retries overtake each other. EventTime says what happened last, not the order
  in which callbacks arrive.

  @clause-late-acknowledged
  Rule: What comes late is acknowledged

    Scenario Outline: A <generation> callback that comes after the end of its call is acknowledged
      Given the callbacks are <generation>
      And the faults are "late=1m@<word>"
      When an audio call ends as normal_end
      And nothing happens until 2m
      Then every callback is acknowledged

      @v1
      Examples:
        | generation | word               |
        | v1         | callee_accept_call |

      @v4
      Examples:
        | generation | word                            |
        | v4         | Call.CallbackAfterMemberChanged |

    Scenario Outline: Every second <generation> callback may overtake the one before it
      Given the callbacks are <generation>
      And the faults are reorder
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

    Scenario Outline: A <generation> retry that comes after the end of its call is acknowledged
      Given the callbacks are <generation>
      And the sender says v4_retry=v1
      And the faults are "lose_answer=5@<word>"
      When alice calls bob
      And at 3s bob answers
      And at 4s alice hangs up
      Then every callback is acknowledged

      @v1
      Examples:
        | generation | word               |
        | v1         | callee_accept_call |

      @v4
      Examples:
        | generation | word                            |
        | v4         | Call.CallbackAfterMemberChanged |

  Rule: What comes late does not undo the end

    @clause-end-before-start
    Scenario Outline: A <generation> start that comes after the end does not undo it
      Given the callbacks are <generation>
      And the faults are "late=5s@<start>"
      When an audio call ends as normal_end
      And nothing happens until 1m
      Then one end is stored
      And the result stored is normal_end

      @v1
      Examples:
        | generation | start             |
        | v1         | caller_start_call |

      @v4
      Examples:
        | generation | start                       |
        | v4         | Call.CallbackAfterStartCall |

    @clause-late-does-not-reopen
    Scenario Outline: The change <change> that comes after the end of a <generation> call does not bring it back
      Given the callbacks are <generation>
      And the faults are "late=5s@<change>"
      When an audio call ends as normal_end
      And nothing happens until 1m
      Then one end is stored
      And the result stored is normal_end
      And nobody is stored as a member

      @v1
      Examples:
        | generation | change               |
        | v1         | callee_accept_call   |
        | v1         | callee_receive_call  |
        | v1         | caller_call_accepted |

      @v4
      Examples:
        | generation | change                          |
        | v4         | Call.CallbackAfterMemberChanged |

    @clause-end-before-start @clause-late-does-not-reopen
    Scenario Outline: A <generation> call whose callbacks overtake each other in pairs has ended as <result>
      Given the callbacks are <generation>
      And the faults are reorder
      When an audio call ends as <result>
      Then one end is stored
      And the result stored is <result>
      And nobody is stored as a member

      @v1
      Examples:
        | generation | result     |
        | v1         | normal_end |
        | v1         | reject     |

      @v4
      Examples:
        | generation | result     |
        | v4         | normal_end |
        | v4         | reject     |

  @clause-older-does-not-overwrite
  Rule: What is older does not overwrite what is younger

    Scenario Outline: A <generation> answer that comes after the hang-up brings nobody back
      Given the callbacks are <generation>
      When alice calls bob, carol
      And at 3s bob answers
      And at 5s the faults are "delay=10s@<answer>"
      And carol answers
      And there are no faults
      And at 8s carol hangs up
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

    Scenario Outline: A <generation> hang-up that comes after the user joined again takes nobody out
      Given the callbacks are <generation>
      When alice calls bob, carol
      And at 3s bob answers
      And at 4s carol answers
      And at 5s the faults are "delay=10s@<hang-up>"
      And carol hangs up
      And there are no faults
      And at 8s carol joins
      And nothing happens until 20s
      Then the members stored are alice, bob, carol

      @v1
      Examples:
        | generation | hang-up         |
        | v1         | callee_call_end |

      @v4
      Examples:
        | generation | hang-up                         |
        | v4         | Call.CallbackAfterMemberChanged |
