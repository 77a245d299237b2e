// In place of the schema library's messages in all languages.
export { default as en } from "zod/v4/locales/en.js";
