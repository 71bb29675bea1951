/**
 * Who may import whom, checked by dependency-cruiser in `npm run lint`. The reasons stand in docs/architecture.md.
 * build/imports.test.ts breaks each rule on purpose and expects it to bite.
 */
const test = '\\.test\\.ts$'
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '\\?(raw|url)$|^virtual:|^electron$' } },
    {
      name: 'shared-imports-only-itself',
      comment: 'shared is what every part means: no Node, no DOM, no packages but the schema library.',
      severity: 'error',
      from: { path: '^shared/', pathNot: test },
      to: { pathNot: '^shared/|^node_modules/zod/|^zod$' },
    },
    {
      name: 'renderer-stands-alone',
      severity: 'error',
      from: { path: '^desktop/renderer/' },
      to: { path: '^(desktop/(main|runtime|cli|launch|preload)|sync-server|e2e|bench)/|^node_modules/electron/|^electron$' },
    },
    {
      name: 'runtime-is-plain-node',
      severity: 'error',
      from: { path: '^desktop/runtime/' },
      to: { path: '^(desktop/(main|renderer|cli|launch|preload)|sync-server|e2e|bench)/|^node_modules/(electron|vue)/|^electron$|^vue$' },
    },
    {
      name: 'sync-server-imports-only-shared',
      severity: 'error',
      from: { path: '^sync-server/' },
      to: { path: '^(desktop|e2e|bench)/|^node_modules/(electron|vue)/|^electron$|^vue$' },
    },
    {
      name: 'preload-is-the-bridge-only',
      severity: 'error',
      from: { path: '^desktop/preload/' },
      to: { path: '^(desktop/(main|renderer|cli|launch|runtime)|sync-server|e2e|bench)/' },
    },
    {
      name: 'shells-use-entry-files',
      comment: 'main, cli and what they share (launch) reach the runtime and the gateway only through their entry files.',
      severity: 'error',
      from: { path: '^desktop/(main|cli|launch)/' },
      to: { path: '^(desktop/runtime|sync-server)/', pathNot: '^(desktop/runtime|sync-server)/entry\\.ts$' },
    },
    {
      name: 'main-does-not-import-renderer',
      severity: 'error',
      from: { path: '^desktop/(main|cli)/' },
      to: { path: '^desktop/(renderer|preload)/' },
    },
    {
      name: 'launch-is-plain-node',
      comment: 'launch starts the processes of one computer for both shells: no Electron, no page, no shell.',
      severity: 'error',
      from: { path: '^desktop/launch/' },
      to: { path: '^desktop/(main|cli|renderer|preload)/|^(e2e|bench|build)/|^node_modules/(electron|vue)/|^electron$|^vue$' },
    },
    {
      name: 'strangers-files-are-opened-contained',
      comment: 'Programs that read what strangers made are started by the containment alone: process/containment.ts is the one door.',
      severity: 'error',
      from: { path: '^desktop/runtime/', pathNot: `${test}|/testing/|^desktop/runtime/engines/process/containment\\.ts$` },
      to: {
        path: '^desktop/runtime/engines/process/(processTree|runBounds|bubblewrap)\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'engines-start-nothing-beside-it',
      comment: 'Under engines, jobs and tasks only the containment, what it is made of and the display start programs.',
      severity: 'error',
      from: {
        path: '^desktop/runtime/(engines|jobs|tasks|bench|upscaler)/',
        pathNot: `${test}|/testing/|^desktop/runtime/engines/process/|^desktop/runtime/engines/blender/display\\.ts$`,
      },
      to: { path: '^(node:)?(child_process|cluster)$' },
    },
    { name: 'nothing-imports-cli', severity: 'error', from: { pathNot: '^desktop/cli/' }, to: { path: '^desktop/cli/' } },
    { name: 'nothing-imports-tests', severity: 'error', from: { pathNot: '^(e2e|bench)/' }, to: { path: '^(e2e|bench)/' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(out|dist)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'shared/tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.vue', '.js', '.json', '.cjs', '.mjs'],
    },
    skipAnalysisNotInRules: true,
  },
}
