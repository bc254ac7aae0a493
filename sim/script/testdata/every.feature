Feature: The vocabulary

  Scenario: every operation
    What someone can want to happen, once each.
    It makes no sense as a call.

    Given the faults are "duplicate=2@call_end", "drop=10%"
    When alice calls bob, carol, dave by video as call group, with carol busy, with dave unreachable
    And at 3s bob answers in call group
    And at 5s alice invites erin, frank in call group
    And at 6s alice withdraws the invitation of erin, frank in call group
    And at 7s heidi joins in call group
    And at 8s alice mutes in call group
    And at 8.5s alice unmutes in call group
    And at 9s bob turns the camera off in call group
    And at 9s bob turns the camera on in call group
    And at 10s alice speaks at volume 40 in call group
    And at 11s bob's network becomes Poor in call group
    And at 12s bob's phone reports error -1 "no \"microphone\"" in call group
    And at 12s bob's phone reports error 60001 in call group
    And at 13s heidi logs in on another phone in call group
    And at 14s alice's UserSig expires in call group
    And at 15s invite_user number 2 is sent again in call group
    And at 15s every callback is sent again in call group
    And at 16s caller_start_call is retried at once in call group
    And at 16s copy 1 of invite_user number 2 is given up by hand in call group
    And at 20s bob loses the line in call group
    And nothing happens until 1m
    And at 1m the faults are "drop"
    And at 1m there are no faults
    And at 1m 10001 calls "用户 1" in a group in room " lobby #1 | <x>" from chat group "@TGS#1" with user data "{\"level\":\"gold\"}" with v4 callbacks as call "second call", before any phone rings
    And at 1m1s "用户 1"'s phone rings in call "second call"
    And at 1m2s "用户 1" declines in call "second call"
    And at 1m30s alice calls bob as call third, before any phone rings
    And at 1m30s bob's phone is busy in call third
    And at 2m alice calls bob as call fourth
    And at 2m1s alice cancels in call fourth
    And at 1h alice calls bob with both callbacks as call fifth
    And at 1h0m3s bob answers in call fifth
    And at 1h0m4s alice switches to video in call fifth
    And at 1h0m5s bob switches to audio in call fifth
    And at 1h0m6s bob's battery is pulled in call fifth
    And at 1h0m7s alice hangs up in call fifth
    And at 1h0m10s the server ends the call fifth
    And at 2h alice fails to call bob as call sixth
