@any-end
Feature: Bad input
  Input that is wrong is refused, and after it all goes on as ever.

  Rule: What cannot be understood is not acknowledged

    Scenario Outline: A <generation> callback <that> is refused
      Given the callbacks are <generation>
      And the receiver subscribes to <end>
      And the faults are "<fault>"
      When an audio call ends as normal_end
      Then every callback is refused

      @v1 @clause-malformed-refused
      Examples:
        | generation | that                           | fault     | end        |
        | v1         | that lacks its last brace      | malformed | normal_end |
        | v1         | with bytes that are not UTF-8  | bad_utf8  | normal_end |

      @v4 @clause-malformed-refused
      Examples:
        | generation | that                           | fault     | end                       |
        | v4         | that lacks its last brace      | malformed | Call.CallbackAfterEndCall |
        | v4         | with bytes that are not UTF-8  | bad_utf8  | Call.CallbackAfterEndCall |

      @v1 @clause-empty-refused
      Examples:
        | generation | that           | fault      | end        |
        | v1         | without a body | empty_body | normal_end |

      @v4 @clause-empty-refused
      Examples:
        | generation | that           | fault      | end                       |
        | v4         | without a body | empty_body | Call.CallbackAfterEndCall |

      @v1 @clause-oversized-refused
      Examples:
        | generation | that            | fault         | end        |
        | v1         | of 4 MiB        | oversize=4MiB | normal_end |

      @v4 @clause-oversized-refused
      Examples:
        | generation | that            | fault         | end                       |
        | v4         | of 4 MiB        | oversize=4MiB | Call.CallbackAfterEndCall |

      @v1 @clause-content-type-refused
      Examples:
        | generation | that                             | fault                        | end        |
        | v1         | that claims to be plain text     | content_type=text/plain      | normal_end |
        | v1         | that claims to be XML            | content_type=application/xml | normal_end |

      @v4 @clause-content-type-refused
      Examples:
        | generation | that                             | fault                        | end                       |
        | v4         | that claims to be plain text     | content_type=text/plain      | Call.CallbackAfterEndCall |
        | v4         | that claims to be XML            | content_type=application/xml | Call.CallbackAfterEndCall |

    @clause-truncated-refused
    Scenario Outline: A <generation> callback that is cut short on its way is refused
      Given the callbacks are <generation>
      And the faults are "truncate=40"
      When an audio call ends as normal_end
      Then every first attempt is refused

      @v1
      Examples:
        | generation |
        | v1         |

      @v4
      Examples:
        | generation |
        | v4         |

  @clause-bad-input-survived
  Rule: After bad input all goes on

    Scenario Outline: After <generation> callbacks <that> the next call is acknowledged
      Given the callbacks are <generation>
      And the faults are "<fault>"
      When an audio call ends as reject
      Then the receiver goes on

      @v1
      Examples:
        | generation | that                           | fault                   |
        | v1         | that lack their last brace     | malformed               |
        | v1         | with bytes that are not UTF-8  | bad_utf8                |
        | v1         | without a body                 | empty_body              |
        | v1         | that claim to be plain text    | content_type=text/plain |
        | v1         | that are cut short             | truncate=40             |
        | v1         | whose connection is reset      | reset=7                 |
        | v1         | without any parameters         | no_query                |

      @v4
      Examples:
        | generation | that                           | fault                   |
        | v4         | that lack their last brace     | malformed               |
        | v4         | with bytes that are not UTF-8  | bad_utf8                |
        | v4         | without a body                 | empty_body              |
        | v4         | that claim to be plain text    | content_type=text/plain |
        | v4         | that are cut short             | truncate=40             |
        | v4         | whose connection is reset      | reset=7                 |
        | v4         | without any parameters         | no_query                |

    Scenario Outline: After <generation> callbacks of 4 MiB the next call is acknowledged
      Given the callbacks are <generation>
      And the faults are "oversize=4MiB@<end>"
      When an audio call ends as reject
      Then the receiver goes on

      @v1
      Examples:
        | generation | end      |
        | v1         | call_end |

      @v4
      Examples:
        | generation | end                       |
        | v4         | Call.CallbackAfterEndCall |
