CREATE TABLE `staged_actual` (
	`series` integer NOT NULL,
	`bucket` integer NOT NULL,
	`value` real,
	`state` text NOT NULL,
	`counts` text,
	`value_before` real,
	`state_before` text
);
