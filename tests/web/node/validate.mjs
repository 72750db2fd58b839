// Checks the HTML files of a directory, and prints a line for each fault.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { FileSystemConfigLoader, HtmlValidate } from "html-validate";

const config = {
  root: true,
  extends: ["html-validate:recommended"],
  rules: {
    // Matters of style, which the templates settle in their own way.
    "attribute-boolean-style": "off",
    "no-implicit-input-type": "off",
    "prefer-native-element": "off",
    "aria-label-misuse": ["error", { allowAnyNamable: true }],
    "long-title": "off",
    "no-trailing-whitespace": "off",
    "void-style": "off",
    // Titles of books contain such characters, and the templates escape them.
    "no-raw-characters": ["error", { relaxed: true }],
    // Buttons of forms submit them, which is the default.
    "no-implicit-button-type": "off",
  },
};
const directory = process.argv[2];
const validator = new HtmlValidate(new FileSystemConfigLoader(config));
for (const name of readdirSync(directory).sort()) {
  const report = await validator.validateFile(join(directory, name));
  for (const { messages } of report.results) {
    for (const { line, ruleId, message, selector } of messages) {
      console.log(`${name}:${line}: ${ruleId}: ${message} (${selector ?? "?"})`);
    }
  }
}
