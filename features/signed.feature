@extension-sign @any-end
Feature: Signed requests
  Chat and Live can sign their callbacks with a token, which the CallKit pages do
  not have. A backend that checks that refuses what anyone without the token sends.
  These scenarios are selected by --sign alone, and all others are signed then.

  @clause-sign-checked
  Rule: A request without a signature of the token is refused

    Scenario Outline: A <generation> callback that is signed with another token is refused
      Given the callbacks are <generation>
      And the faults are wrong_sign
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

    Scenario Outline: A <generation> callback that is not signed is refused
      Given the callbacks are <generation>
      And the faults are "wrong_sign=missing"
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

    Scenario Outline: A <generation> callback that names another time than it was signed for is refused
      Given the callbacks are <generation>
      And the faults are "wrong_sign=moved"
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

  @clause-sign-fresh
  Rule: A signature is good for a minute

    Scenario Outline: A <generation> callback that was signed two minutes ago is refused
      Given the callbacks are <generation>
      And the faults are stale_sign
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
