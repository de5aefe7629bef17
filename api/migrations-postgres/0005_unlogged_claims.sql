-- Claims last seconds, and a server that crashes ends the connections of those who have them: nothing is lost with them, and
-- none has to be written to the disk before the series it is of are scored.
ALTER TABLE "claim" SET UNLOGGED;
