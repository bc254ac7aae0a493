@any-end
Feature: The app id
  No signature tells who sent a callback. The app id in the URL is all that
  there is to compare: sdkappid in v1, SdkAppid in v4.

  Rule: A callback of another app is refused

    @clause-app-id-compared @clause-app-id-both-spellings
    Scenario Outline: A <generation> callback of another app is refused
      Given the callbacks are <generation>
      And the faults are wrong_app
      When an audio call ends as normal_end
      Then every callback is refused

      @v1
      Examples:
        | generation |
        | v1         |

      @v4
      Examples:
        | generation |
        | v4         |

    @clause-app-id-compared
    Scenario Outline: A <generation> callback of another app with a shorter id is refused
      Given the callbacks are <generation>
      And the faults are "wrong_app=7"
      When an audio call ends as reject
      Then every callback is refused

      @v1
      Examples:
        | generation |
        | v1         |

      @v4
      Examples:
        | generation |
        | v4         |

  @clause-app-id-refused-not-stored
  Rule: Whatever is answered, a call of another app is not stored

    Scenario Outline: A <generation> end of another app's call is not stored
      Given the callbacks are <generation>
      And the faults are wrong_app
      When an audio call ends as normal_end
      Then no end is stored

      @v1
      Examples:
        | generation |
        | v1         |

      @v4
      Examples:
        | generation |
        | v4         |

    Scenario Outline: A <generation> end whose app id is <what> is not stored
      Given the callbacks are <generation>
      And the receiver subscribes to <end>
      And the app id is <what>
      When an audio call ends as normal_end
      Then no end is stored

      @v1
      Examples:
        | generation | end        | what                 |
        | v1         | normal_end | missing              |
        | v1         | normal_end | empty                |
        | v1         | normal_end | a word               |
        | v1         | normal_end | cut short            |
        | v1         | normal_end | followed by a digit  |
        | v1         | normal_end | followed by a letter |

      @v4
      Examples:
        | generation | end                       | what                 |
        | v4         | Call.CallbackAfterEndCall | missing              |
        | v4         | Call.CallbackAfterEndCall | empty                |
        | v4         | Call.CallbackAfterEndCall | a word               |
        | v4         | Call.CallbackAfterEndCall | cut short            |
        | v4         | Call.CallbackAfterEndCall | followed by a digit  |
        | v4         | Call.CallbackAfterEndCall | followed by a letter |

  Rule: A callback needs an app id

    @clause-app-id-required
    Scenario Outline: A <generation> callback whose app id is missing is refused
      Given the callbacks are <generation>
      And the receiver subscribes to <end>
      And the app id is missing
      When an audio call ends as normal_end
      Then every callback is refused

      @v1
      Examples:
        | generation | end        |
        | v1         | normal_end |

      @v4
      Examples:
        | generation | end                       |
        | v4         | Call.CallbackAfterEndCall |

    @v4 @clause-app-id-required
    Scenario: A v4 callback without any parameters is refused
      Given the callbacks are v4
      And the faults are no_query
      When an audio call ends as normal_end
      Then every callback is refused

  @clause-app-id-whole
  Rule: The app id is compared as a whole

    Scenario Outline: A <generation> callback whose app id is <what> is refused
      Given the callbacks are <generation>
      And the receiver subscribes to <end>
      And the app id is <what>
      When an audio call ends as normal_end
      Then every callback is refused

      @v1
      Examples:
        | generation | end        | what                 |
        | v1         | normal_end | empty                |
        | v1         | normal_end | a word               |
        | v1         | normal_end | cut short            |
        | v1         | normal_end | followed by a digit  |
        | v1         | normal_end | followed by a letter |
        | v1         | normal_end | followed by letters  |
        | v1         | normal_end | with a zero in front |
        | v1         | normal_end | with a decimal       |
        | v1         | normal_end | between spaces       |

      @v4
      Examples:
        | generation | end                       | what                 |
        | v4         | Call.CallbackAfterEndCall | empty                |
        | v4         | Call.CallbackAfterEndCall | a word               |
        | v4         | Call.CallbackAfterEndCall | cut short            |
        | v4         | Call.CallbackAfterEndCall | followed by a digit  |
        | v4         | Call.CallbackAfterEndCall | followed by a letter |
        | v4         | Call.CallbackAfterEndCall | followed by letters  |
        | v4         | Call.CallbackAfterEndCall | with a zero in front |
        | v4         | Call.CallbackAfterEndCall | with a decimal       |
        | v4         | Call.CallbackAfterEndCall | between spaces       |
