Feature: Rooms and other texts
  Input that is rare but right: what a user typed, and what a new version of the
  documents adds, is no reason to refuse a callback.

  Rule: A room may have any name

    @v1 @clause-v1-room-apostrophe
    Scenario: The v1 callbacks of a call in Alice's Room are acknowledged
      Given the callbacks are v1
      When alice calls bob in room "Alice's Room"
      And at 3s bob answers
      And at 9s alice hangs up
      Then every callback is acknowledged

    @v4 @clause-v4-room-text
    Scenario Outline: The v4 callbacks of a call in <room> are acknowledged
      Given the callbacks are v4
      When alice calls bob in <room>
      And at 3s bob answers
      And at 9s alice hangs up
      Then every callback is acknowledged

      Examples:
        | room                |
        | room roomid-1434    |
        | room "Alice's Room" |
        | no room             |

    @clause-room-any-text
    Scenario Outline: The <generation> callbacks of a call in the room <room> are acknowledged
      Given the callbacks are <generation>
      When alice calls bob in room "<room>"
      And at 3s bob answers
      And at 9s alice hangs up
      Then every callback is acknowledged

      @v1
      Examples:
        | generation | room        |
        | v1         | 会议室       |
        | v1         | 📞👩‍👩‍👧       |
        | v1         | a/b?c=d&e%f |

      @v4
      Examples:
        | generation | room        |
        | v4         | 会议室       |
        | v4         | 📞👩‍👩‍👧       |
        | v4         | a/b?c=d&e%f |

  Rule: A room is stored as it was sent

    Scenario Outline: The <generation> room <room> is stored as it was sent
      Given the callbacks are <generation>
      When alice calls bob in room "<room>"
      And at 3s bob answers
      And at 9s alice hangs up
      Then the room stored is "<room>"

      @v1 @clause-v1-room-stored
      Examples:
        | generation | room         |
        | v1         | Alice's Room |

      @v4 @clause-v4-room-stored
      Examples:
        | generation | room        |
        | v4         | roomid-1434 |

      @v1 @clause-room-text-stored
      Examples:
        | generation | room         |
        | v1         | <b>R&D</b>   |
        | v1         | Ünïcode      |
        | v1         | 会议室        |
        | v1         | the 📞 room  |
        | v1         | 100%25+1     |

      @v4 @clause-room-text-stored
      Examples:
        | generation | room         |
        | v4         | Alice's Room |
        | v4         | <b>R&D</b>   |
        | v4         | Ünïcode      |
        | v4         | 会议室        |
        | v4         | the 📞 room  |
        | v4         | 100%25+1     |

  @clause-call-id-whole
  Rule: A CallId has 36 characters

    Scenario Outline: Two <generation> calls whose CallIds have 32 of 36 characters in common are two
      Given the callbacks are <generation>
      And CallIds differ in their last four characters
      When alice calls bob
      And at 3s bob answers
      And at 9s bob hangs up
      And at 10s erin calls frank
      And at 13s frank answers
      And at 40s frank hangs up
      Then each CallId is kept whole

      @v1
      Examples:
        | generation |
        | v1         |

      @v4
      Examples:
        | generation |
        | v4         |

  @clause-url-own-query @any-end
  Rule: The address may have a query of its own

    Scenario Outline: <generation> callbacks are acknowledged behind the query <query>
      Given the callbacks are <generation>
      And the callback address ends in <query>
      When an audio call ends as normal_end
      Then every callback is acknowledged

      @v1
      Examples:
        | generation | query                          |
        | v1         | rb_tenant=7                    |
        | v1         | rb_tenant=7&rb_city=k%C3%B6ln  |

      @v4
      Examples:
        | generation | query                          |
        | v4         | rb_tenant=7                    |
        | v4         | rb_tenant=7&rb_city=k%C3%B6ln  |

  Rule: The query has more than the documents say, or another order

    @clause-unknown-parameters-tolerated @any-end
    Scenario Outline: <generation> callbacks whose URL also has <parameter> are acknowledged
      Given the callbacks are <generation>
      And the callback address ends in <parameter>
      When an audio call ends as normal_end
      Then every callback is acknowledged

      @v1
      Examples:
        | generation | parameter                                      |
        | v1         | RequestID=0d3b8c52-7f2e-4a9b-9c51-2f6f0e6f7a11 |
        | v1         | RequestId=5c07f9d4-91ab-4e0d-8e3a-6b1d3f5e2c90 |

      @v4
      Examples:
        | generation | parameter                                      |
        | v4         | RequestID=0d3b8c52-7f2e-4a9b-9c51-2f6f0e6f7a11 |
        | v4         | RequestId=5c07f9d4-91ab-4e0d-8e3a-6b1d3f5e2c90 |

    @clause-parameters-by-name @any-end
    Scenario Outline: <generation> callbacks whose parameters are sorted by name are acknowledged
      Given the callbacks are <generation>
      And the sender says query_order=sorted
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

  Rule: The documents grow

    @clause-unknown-fields-tolerated @any-end
    Scenario Outline: <generation> callbacks with a field that nobody knows are acknowledged
      Given the callbacks are <generation>
      And the faults are unknown_field
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

    @clause-unknown-command-acknowledged
    Scenario Outline: <generation> callbacks with the command <command>, which nobody knows, are acknowledged
      Given the callbacks are <generation>
      And the faults are "unknown_command=<command>@<word>"
      When an audio call ends as normal_end
      Then every callback is acknowledged

      @v1
      Examples:
        | generation | command          | word              |
        | v1         | caller_hold_call | caller_start_call |

      @v4
      Examples:
        | generation | command                 | word                            |
        | v4         | Call.CallbackAfterPause | Call.CallbackAfterMemberChanged |
