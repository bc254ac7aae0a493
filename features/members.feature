Feature: Members
  Who is in the call now. v1 tells of each user what he did, v4 sends the whole
  list after each change.

  Rule: Who has left is not in the call any more

    Scenario Outline: Who <leaves> is not a member of a <generation> call any more
      Given the callbacks are <generation>
      When alice calls bob, carol
      And at 3s bob answers
      And at <time> carol <leaves>
      Then the members stored are alice, bob

      @v1 @clause-v1-members-after-change
      Examples:
        | generation | time | leaves   |
        | v1         | 5s   | declines |

      @v4 @clause-v4-members-after-change
      Examples:
        | generation | time | leaves   |
        | v4         | 5s   | declines |

    Scenario Outline: Who answers and then <leaves> is not a member of a <generation> call any more
      Given the callbacks are <generation>
      When alice calls bob, carol
      And at 3s bob answers
      And at 4s carol answers
      And at 9s carol <leaves>
      Then the members stored are alice, bob

      @v1 @clause-v1-members-after-change
      Examples:
        | generation | leaves         |
        | v1         | hangs up       |
        | v1         | loses the line |

      @v4 @clause-v4-members-after-change
      Examples:
        | generation | leaves         |
        | v4         | hangs up       |
        | v4         | loses the line |

    Scenario Outline: Who does not answer is not a member of a <generation> call any more
      Given the callbacks are <generation>
      When alice calls bob, carol
      And at 3s bob answers
      And nothing happens until 31s
      Then the members stored are alice, bob

      @v1 @clause-v1-members-after-change
      Examples:
        | generation |
        | v1         |

      @v4 @clause-v4-members-after-change
      Examples:
        | generation |
        | v4         |

    @v4 @clause-v4-members-after-change
    Scenario: Who is not invited any more is not a member
      Given the callbacks are v4
      When alice calls bob, carol
      And at 3s bob answers
      And at 4s carol answers
      And at 5s alice invites dave
      And at 9s alice withdraws the invitation of dave
      Then the members stored are alice, bob, carol

    @v4 @clause-v4-members-after-change
    Scenario: The caller who hangs up is not a member any more
      Given the callbacks are v4
      When alice calls bob, carol
      And at 3s bob answers
      And at 4s carol answers
      And at 9s alice hangs up
      Then the members stored are bob, carol

    @v4 @clause-v4-changed-list-whole
    Scenario: Two who are invited at once are both members
      Given the callbacks are v4
      When alice calls bob, carol
      And at 3s bob answers
      And at 4s carol answers
      And at 5s alice invites dave, erin
      Then the members stored are alice, bob, carol, dave, erin

    @v4 @clause-v4-changed-list-whole
    Scenario: Two whose invitation is withdrawn at once are no members
      Given the callbacks are v4
      When alice calls bob, carol
      And at 3s bob answers
      And at 4s carol answers
      And at 5s alice invites dave, erin
      And at 9s alice withdraws the invitation of dave, erin
      Then the members stored are alice, bob, carol

  @v4
  Rule: A long list is kept whole

    @clause-v4-long-member-list
    Scenario: Each of 100 members is stored
      Given the callbacks are v4
      When a group call of 100 people is under way
      Then 100 members are stored

  @clause-user-ids-whole
  Rule: A user id is a text of up to 32 characters

    Scenario Outline: The <generation> caller <user> is stored with each character
      Given the callbacks are <generation>
      And user ids are as written
      When <user> calls bob
      And at 3s bob answers
      And at 9s bob hangs up
      Then the caller stored is <user>

      @v1
      Examples:
        | generation | user                             |
        | v1         | user-with-32-characters-in-an-id |
        | v1         | 144115212830834855               |
        | v1         | 007                              |

      @v4
      Examples:
        | generation | user                             |
        | v4         | user-with-32-characters-in-an-id |
        | v4         | 144115212830834855               |
        | v4         | 007                              |

  @clause-user-ids-apart
  Rule: Ids that differ in one character are two users

    Scenario Outline: Who leaves a <generation> call as <one> is not <other>
      Given the callbacks are <generation>
      And user ids are as written
      When alice calls <one>, <other>
      And at 3s <one> answers
      And at 4s <other> answers
      And at 9s <one> hangs up
      Then the members stored are alice, <other>

      @v1
      Examples:
        | generation | one                              | other                            |
        | v1         | bob                              | Bob                              |
        | v1         | carol                            | _carol_                          |
        | v1         | bob-1                            | bob_1                            |
        | v1         | 7                                | 007                              |
        | v1         | 144115212830834855               | 144115212830834856               |
        | v1         | user-with-32-characters-in-an-id | user-with-32-characters-in-an-iz |

      @v4
      Examples:
        | generation | one                              | other                            |
        | v4         | bob                              | Bob                              |
        | v4         | carol                            | _carol_                          |
        | v4         | bob-1                            | bob_1                            |
        | v4         | 7                                | 007                              |
        | v4         | 144115212830834855               | 144115212830834856               |
        | v4         | user-with-32-characters-in-an-id | user-with-32-characters-in-an-iz |

  @v4 @clause-v4-user-account-exact
  Rule: An account that is a number has all of its digits

    Scenario: Accounts of 18 digits that come as numbers are stored digit by digit
      Given the callbacks are v4
      And user ids are as written
      And the sender says user_account=number
      When 144115212830834855 calls 144115212830834856
      Then the members stored are 144115212830834855, 144115212830834856

  @clause-members-none-after-end
  Rule: Nobody is in a call that has ended

    Scenario Outline: Nobody is in a <generation> call that has ended as <result>
      Given the callbacks are <generation>
      When an audio call ends as <result>
      Then one end is stored
      And nobody is stored as a member

      @v1
      Examples:
        | generation | result     |
        | v1         | normal_end |
        | v1         | not_answer |
        | v1         | interrupt  |

      @v4
      Examples:
        | generation | result     |
        | v4         | normal_end |
        | v4         | not_answer |
        | v4         | interrupt  |

    Scenario Outline: Nobody is in a <generation> group call that has ended
      Given the callbacks are <generation>
      When a video group call ends as normal_end
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
