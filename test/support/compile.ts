import path from 'node:path';
import ts from 'typescript';

const PROJECT = path.join(__dirname, '..', '..');

/**
 * Compiles programs that exist in memory only, as strictly as the project itself; what they leave unused is no error.
 *
 * @param programs text by absolute path
 * @returns what is wrong, one line each
 */
export function compile(programs: ReadonlyMap<string, string>): string[] {
  const options = compilerOptions();
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (file) => programs.has(file) || disk.fileExists(file),
    readFile: (file) => programs.get(file) ?? disk.readFile(file),
    getSourceFile: (file, target) => {
      const text = programs.get(file);
      return text === undefined ? disk.getSourceFile(file, target) : ts.createSourceFile(file, text, target);
    },
  };
  return ts.getPreEmitDiagnostics(ts.createProgram([...programs.keys()], options, host)).map((diagnostic) => {
    const where = path.basename(diagnostic.file?.fileName ?? '');
    return `${where}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')}`;
  });
}

function compilerOptions(): ts.CompilerOptions {
  const config = ts.readConfigFile(path.join(PROJECT, 'tsconfig.json'), (file) => ts.sys.readFile(file));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, PROJECT);
  return { ...options, noUnusedLocals: false, noEmit: true };
}
