Feature: Results
  How a call ended, and who called.

  Rule: The result is what the callback about the end says

    Scenario Outline: A <generation> call that ends as <result> is stored as that
      Given the callbacks are <generation>
      When an audio call ends as <result>
      Then one end is stored
      And the result stored is <result>

      @v1 @clause-v1-result-stored
      Examples:
        | generation | result     |
        | v1         | normal_end |
        | v1         | cancel     |
        | v1         | reject     |
        | v1         | not_answer |
        | v1         | call_busy  |
        | v1         | interrupt  |

      @v4 @clause-v4-result-stored
      Examples:
        | generation | result     |
        | v4         | normal_end |
        | v4         | cancel     |
        | v4         | reject     |
        | v4         | not_answer |
        | v4         | call_busy  |
        | v4         | interrupt  |

    @v4 @clause-v4-result-stored
    Scenario: A v4 call that ends as offline is stored as that
      Given the callbacks are v4
      And the sender says heartbeat_result=Offline
      When alice calls bob
      And at 3s bob answers
      And at 9s bob's battery is pulled
      And nothing happens until 1m
      Then one end is stored
      And the result stored is Offline

    Scenario Outline: A <generation> group call is stored as normal_end when one is left
      Given the callbacks are <generation>
      When alice calls bob, carol
      And at 3s bob answers
      And at 4s carol answers
      And at 9s carol hangs up
      And at 12s bob hangs up
      Then one end is stored
      And the result stored is normal_end

      @v1 @clause-v1-result-stored
      Examples:
        | generation |
        | v1         |

      @v4 @clause-v4-result-stored
      Examples:
        | generation |
        | v4         |

  Rule: The caller is who placed the call

    @v1 @clause-v1-caller-stored
    Scenario: The caller of a v1 call is stored while it rings
      Given the callbacks are v1
      When alice calls bob
      Then the caller stored is alice

    Scenario Outline: The caller of a <generation> call stays the same when others answer
      Given the callbacks are <generation>
      When alice calls bob, carol
      And at 3s bob answers
      And at 4s carol answers
      Then the caller stored is alice

      @v1 @clause-v1-caller-stored
      Examples:
        | generation |
        | v1         |

      @v4 @clause-v4-caller-stored
      Examples:
        | generation |
        | v4         |

    Scenario Outline: The caller of a <generation> call stays the same when others stay longer
      Given the callbacks are <generation>
      When alice calls bob, carol
      And at 3s bob answers
      And at 4s carol answers
      And at 9s alice hangs up
      And at 12s bob hangs up
      Then one end is stored
      And the caller stored is alice

      @v1 @clause-v1-caller-stored
      Examples:
        | generation |
        | v1         |

      @v4 @clause-v4-caller-stored
      Examples:
        | generation |
        | v4         |

    @clause-caller-by-role
    Scenario Outline: The caller of a <generation> call is who placed it, though the receiver hears of <whom> first
      Given the callbacks are <generation>
      And the faults are "delay=5s@<start>"
      When alice calls bob, carol
      And at 3s bob answers
      And at 4s carol answers
      And nothing happens until 20s
      Then the caller stored is alice

      @v1
      Examples:
        | generation | whom           | start             |
        | v1         | who was called | caller_start_call |

      @v4
      Examples:
        | generation | whom         | start                       |
        | v4         | who answered | Call.CallbackAfterStartCall |

  Rule: A hang-up is not the end of a group call

    Scenario Outline: The first who hangs up in a <generation> group call does not end it
      Given the callbacks are <generation>
      When alice calls bob, carol
      And at 3s bob answers
      And at 4s carol answers
      And at 9s carol hangs up
      Then no end is stored

      @v1 @clause-v1-hang-up-not-the-end
      Examples:
        | generation |
        | v1         |

      @v4 @clause-v4-hang-up-not-the-end
      Examples:
        | generation |
        | v4         |

    Scenario Outline: The caller of a <generation> group call who hangs up does not end it
      Given the callbacks are <generation>
      When alice calls bob, carol
      And at 3s bob answers
      And at 4s carol answers
      And at 9s alice hangs up
      Then no end is stored

      @v1 @clause-v1-hang-up-not-the-end
      Examples:
        | generation |
        | v1         |

      @v4 @clause-v4-hang-up-not-the-end
      Examples:
        | generation |
        | v4         |
