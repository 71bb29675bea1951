/**
 * The beginning of every script of ours that runs inside Blender (2.83 and newer): its settings and the way it answers.
 * Answers are lines of JSON behind a prefix that is new for every run, so that nothing a scene prints can pose as ours.
 * Python lives in strings, so that it is there wherever our bundle is. It is written to the run's own folder.
 */
const channel = String.raw`
import bpy, json, os, sys

def emit(event, **facts):
    facts["event"] = event
    # Begins with a line end: Blender may be in the middle of a line. One write, so that no other thread cuts it.
    os.write(1, ("\n" + CONFIG["prefix"] + json.dumps(facts) + "\n").encode("ascii"))

def fail(code, **details):
    emit("failed", code=code, details=details)
    sys.stdout.flush()
    os._exit(0)

def warn(code, **details):
    emit("warning", code=code, details=details)
`

/** A whole script: settings, channel, body. `config` must be JSON and carry the `prefix`. */
export function composeScript(config: { prefix: string } & Record<string, unknown>, ...bodies: string[]): string {
  // JSON inside a Python string literal: JSON's own escapes of the second pass are valid Python.
  const literal = JSON.stringify(JSON.stringify(config))
  return ['import json', `CONFIG = json.loads(${toAscii(literal)})`, channel, ...bodies].join('\n')
}

const toAscii = (text: string) => text.replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
