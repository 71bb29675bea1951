import tseslint from 'typescript-eslint'
import vue from 'eslint-plugin-vue'

const nodeFiles = ['shared/**/*.ts', 'sync-server/**/*.ts', 'desktop/**/*.ts', 'e2e/**/*.ts', 'bench/**/*.ts', 'build/**/*.ts']

const noElectron = { name: 'electron', message: 'Only desktop/main and desktop/preload know Electron.' }
const onlyParsedCalls = {
  name: 'electron',
  importNames: ['ipcMain', 'ipcRenderer', 'default'],
  message: 'Calls of the page go through desktop/main/ipc/serveCalls.ts, which checks who asks and parses what is asked.',
}
const noFork = ['node:child_process', 'child_process', 'node:cluster', 'cluster'].map((name) => ({
  name,
  ...(name.endsWith('cluster') ? {} : { importNames: ['fork', 'default'] }),
  message: 'fork throws in the packaged app (build/fuses.ts): processes start through the ProcessLauncher of desktop/launch.',
}))

/** House rules. Who may import whom is checked by dependency-cruiser (build/imports.config.cjs), not here. */
export default tseslint.config(
  { ignores: ['out/**', 'dist/**', 'test-results/**', 'node_modules/**', 'build/**/*.cjs', '**/*.py'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  ...tseslint.configs.recommendedTypeChecked.map((config) => ({ ...config, files: nodeFiles })),
  ...vue.configs['flat/recommended'].map((config) => ({ ...config, files: ['desktop/renderer/**/*.vue'] })),
  {
    files: nodeFiles,
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: new URL('..', import.meta.url).pathname } },
    rules: {
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
    },
  },
  {
    files: ['desktop/renderer/**/*.vue'],
    languageOptions: { parserOptions: { parser: tseslint.parser, extraFileExtensions: ['.vue'] } },
    rules: {
      'no-console': 'error',
      'vue/no-v-html': 'error',
      'vue/multi-word-component-names': 'off',
      'vue/html-self-closing': 'off',
      // Props are typed: an optional one without a default is undefined on purpose.
      'vue/require-default-prop': 'off',
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/multiline-html-element-content-newline': 'off',
    },
  },
  {
    files: ['**/*.test.ts', 'e2e/**/*.ts', 'bench/**/*.ts', 'build/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
    },
  },
  {
    files: ['desktop/runtime/**/*.ts'],
    ignores: ['**/*.test.ts', 'desktop/runtime/testing/**'],
    rules: { 'no-restricted-globals': ['error', { name: 'fetch', message: 'httpRequest: fetch costs an idle node 14 MiB.' }] },
  },
  { files: ['bench/**/*.ts', 'build/**/*.ts'], rules: { 'no-console': 'off' } },
  // Electron stands in the shell only, and its channels to the page in one file on each side; processes of ours start in one file.
  {
    files: ['desktop/**/*.ts', 'shared/**/*.ts', 'sync-server/**/*.ts'],
    ignores: ['desktop/main/**', 'desktop/preload/**'],
    rules: { 'no-restricted-imports': ['error', { paths: [noElectron, ...noFork] }] },
  },
  {
    files: ['desktop/launch/forkLauncher.ts', '{desktop/{launch,cli,runtime},sync-server}/**/{*.test.ts,testing/*.ts}'],
    rules: { 'no-restricted-imports': ['error', noElectron] },
  },
  {
    files: ['desktop/main/**/*.ts', 'desktop/preload/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { paths: noFork }] },
  },
  {
    files: ['desktop/main/**/*.ts', 'desktop/preload/**/*.ts'],
    ignores: ['desktop/main/ipc/serveCalls.ts', 'desktop/preload/preload.ts'],
    rules: { 'no-restricted-imports': ['error', { paths: [onlyParsedCalls, ...noFork] }] },
  },
)
