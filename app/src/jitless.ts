// Before any schema is made: no code from text, which a strict policy refuses, and reports even where it was only tried.

import { config } from "zod/v4/core";

config({ jitless: true });
