limit = SET LIMIT RUNNING 10 STARTS 100 IN 60
TALK limit.max_running                       ' expect: 10
' answer SET LIMIT: {"bot": null, "max_running": 10, "starts": 100, "seconds": 60}
