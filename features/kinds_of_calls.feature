Feature: Kinds of calls
  Callbacks are acknowledged whatever the call is like.

  @clause-media-types-both
  Rule: Audio and video

    @any-end
    Scenario Outline: The <generation> callbacks of <article> <media> call are acknowledged
      Given the callbacks are <generation>
      When <article> <media> call ends as normal_end
      Then every callback is acknowledged

      @v1
      Examples:
        | generation | article | media |
        | v1         | an      | audio |
        | v1         | a       | video |

      @v4
      Examples:
        | generation | article | media |
        | v4         | an      | audio |
        | v4         | a       | video |

    Scenario Outline: The <generation> callbacks of a call that switches to video are acknowledged
      Given the callbacks are <generation>
      When alice calls bob
      And at 3s bob answers
      And at 8s alice switches to video
      And at 12s alice hangs up
      Then every callback is acknowledged

      @v1
      Examples:
        | generation |
        | v1         |

      @v4
      Examples:
        | generation |
        | v4         |

  @clause-media-stored
  Rule: Audio is not video

    Scenario Outline: The media of a <generation> <media> <kind> are stored
      Given the callbacks are <generation>
      When alice calls <callees> by <media>
      And at 3s bob answers
      And at 12s alice hangs up
      Then the media stored are <media>

      @v1
      Examples:
        | generation | media | kind       | callees    |
        | v1         | audio | call       | bob        |
        | v1         | video | call       | bob        |
        | v1         | audio | group call | bob, carol |
        | v1         | video | group call | bob, carol |

      @v4
      Examples:
        | generation | media | kind       | callees    |
        | v4         | audio | call       | bob        |
        | v4         | video | call       | bob        |
        | v4         | audio | group call | bob, carol |
        | v4         | video | group call | bob, carol |

  @clause-call-types-both
  Rule: Two or more

    Scenario Outline: The <generation> callbacks of a call of two are acknowledged
      Given the callbacks are <generation>
      When alice calls bob
      And at 3s bob answers
      And at 12s bob hangs up
      Then every callback is acknowledged

      @v1
      Examples:
        | generation |
        | v1         |

      @v4
      Examples:
        | generation |
        | v4         |

    Scenario Outline: The <generation> callbacks of a group call that ends as <result> are acknowledged
      Given the callbacks are <generation>
      When a video group call ends as <result>
      Then every callback is acknowledged

      @v1
      Examples:
        | generation | result     |
        | v1         | normal_end |
        | v1         | reject     |
        | v1         | not_answer |
        | v1         | call_busy  |
        | v1         | cancel     |
        | v1         | interrupt  |

      @v4
      Examples:
        | generation | result     |
        | v4         | normal_end |
        | v4         | reject     |
        | v4         | not_answer |
        | v4         | call_busy  |
        | v4         | cancel     |
        | v4         | interrupt  |

    Scenario Outline: The <generation> callbacks of a group that changes are acknowledged
      Given the callbacks are <generation>
      When alice calls bob, carol, dave by video
      And at 3s bob answers
      And at 4s carol declines
      And at 5s alice invites erin, frank
      And at 6s erin answers
      And at 7s grace joins
      And at 40s bob loses the line
      And at 50s grace hangs up
      And at 1m alice hangs up
      Then every callback is acknowledged

      @v1
      Examples:
        | generation |
        | v1         |

      @v4
      Examples:
        | generation |
        | v4         |

  Rule: Ends alone

    @clause-end-alone-stored @any-end
    Scenario Outline: A <generation> end is stored without a callback before it
      Given the callbacks are <generation>
      And the receiver subscribes to <end>
      When an audio call ends as normal_end
      Then one end is stored
      And the result stored is normal_end

      @v1
      Examples:
        | generation | end        |
        | v1         | normal_end |

      @v4
      Examples:
        | generation | end                       |
        | v4         | Call.CallbackAfterEndCall |
