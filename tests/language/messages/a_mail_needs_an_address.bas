SEND MAIL "ana", "Hi", "text"
' expect error: Line 1: "ana" is no mail address. Write one such as ana@example.com.
