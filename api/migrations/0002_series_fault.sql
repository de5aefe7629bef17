CREATE TABLE `series_fault` (
	`series` integer PRIMARY KEY NOT NULL,
	`reason` text NOT NULL,
	`served_by` text,
	`since` integer NOT NULL
);
