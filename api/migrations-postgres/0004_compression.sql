-- States are texts of 25 to 75 KB: the compression that a server has by default takes twenty times as long for them as LZ4,
-- which servers since 14 have unless they were built without it.
DO $$
BEGIN
  EXECUTE 'ALTER TABLE "snapshot" ALTER COLUMN "state" SET COMPRESSION lz4';
  EXECUTE 'ALTER TABLE "watch" ALTER COLUMN "state" SET COMPRESSION lz4';
  EXECUTE 'ALTER TABLE "incident_book" ALTER COLUMN "state" SET COMPRESSION lz4';
  EXECUTE 'ALTER TABLE "model_part" ALTER COLUMN "text" SET COMPRESSION lz4';
EXCEPTION WHEN feature_not_supported OR syntax_error THEN
  NULL;
END $$;
