// Prints, as JSON, the first syntax error of each file of a folder, or null.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ApexErrorListener, ApexParserFactory } from "@apexdevtools/apex-parser";

class FirstError extends ApexErrorListener {
  first = null;
  apexSyntaxError(line, column, message) {
    this.first ??= `${line}:${column + 1} ${message}`;
  }
}

const folder = process.argv[2];
const errors = {};
for (const name of readdirSync(folder)) {
  const listener = new FirstError();
  const source = readFileSync(join(folder, name), "utf8");
  const { parser } = ApexParserFactory.createLexerAndParser(source, listener);
  if (name.endsWith(".trigger")) parser.triggerUnit();
  else parser.compilationUnit();
  errors[name] = listener.first;
}
console.log(JSON.stringify(errors));
