CREATE TABLE "column_answer" (
	"incident" text COLLATE "C" PRIMARY KEY NOT NULL,
	"asked_at" bigint NOT NULL,
	"until" bigint NOT NULL,
	"body" text COLLATE "C",
	"failure" text COLLATE "C"
);
