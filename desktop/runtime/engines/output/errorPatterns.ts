import type { ErrorCode } from '#shared/errors/codes.ts'
import type { JsonObject } from '#shared/json.ts'

/**
 * What Blender, Cycles and the drivers say when something goes wrong, each with a sample beside it (the test reads the samples).
 * `fatal` patterns name the cause when the render fails; the others are warnings that a picture may not be what its maker meant.
 * Whose fault it is, and the sentence, come from the code (`shared/errors`). First match wins, so the special stand before the general.
 */
export interface ErrorPattern {
  code: ErrorCode
  fatal: boolean
  pattern: RegExp
  samples: string[]
  details?: (match: RegExpExecArray) => JsonObject
}

const reasonOf = (match: RegExpExecArray): JsonObject => ({ reason: (match[1] ?? match[0]).trim().slice(0, 300) })

export const errorPatterns: readonly ErrorPattern[] = [
  {
    code: 'GPU_OUT_OF_MEMORY',
    fatal: true,
    pattern:
      /(?:CUDA|OptiX|HIP|Metal|oneAPI|SYCL)\b.*\bout of (?:GPU |device )?memory|out of memory in (?:cu|CUDA|hip|HIP|OptiX|optix)|System is out of GPU (?:and shared host )?memory|CUDA_ERROR_OUT_OF_MEMORY|hipErrorOutOfMemory|Illegal address in (?:CUDA|HIP|cu|hip)|GPU memory allocation failed|Insufficient (?:Video )?Memory/i,
    samples: [
      'CUDA error: Out of memory in cuMemAlloc(&device_pointer, size)',
      'Error: Out of memory in CUDA queue enqueue (integrator_init_from_camera)',
      'Error: System is out of GPU and shared host memory',
      'System is out of GPU memory',
      'Error: Illegal address in CUDA queue copy_from_device (integrator_shade_surface)',
      '00:12.345  cycles           | ERROR CUDA error: Out of memory in cuMemAlloc_v2(&device_pointer, size) (device_impl.cpp:618)',
      'OptiX error OPTIX_ERROR_HOST_OUT_OF_MEMORY: out of memory in optixAccelBuild',
      'HIP error: Out of memory in hipMalloc',
    ],
  },
  {
    code: 'GPU_TIMED_OUT',
    fatal: true,
    pattern: /Launch exceeded timeout|CUDA_ERROR_LAUNCH_TIMEOUT|launch timed out and was terminated/i,
    samples: ['CUDA error: Launch exceeded timeout in cuCtxSynchronize()', 'CUDA error at cuCtxSynchronize: Launch exceeded timeout'],
  },
  {
    code: 'DEVICE_LOST',
    fatal: true,
    pattern:
      /CUDA_ERROR_(?:UNKNOWN|LAUNCH_FAILED|ECC_UNCORRECTABLE|HARDWARE_STACK_ERROR)|Launch failed in cu|Unknown error in cu|GPU (?:is lost|has fallen off the bus)|device(?: has been)? lost/i,
    samples: [
      'CUDA error: Launch failed in cuCtxSynchronize(), line 1892',
      'CUDA error: Unknown error in cuCtxSynchronize()',
      'GPU has fallen off the bus',
    ],
    details: () => ({ device: 'GPU' }),
  },
  {
    code: 'GPU_KERNEL_FAILED',
    fatal: true,
    pattern:
      /(CUDA kernel compilation failed.*|^.*compute capability \d[\d.]* or (?:higher|up).*|^.*kernel .*could not be found.*|Failed to (?:load|create|execute) (?:CUDA|OptiX|HIP|Metal|oneAPI) (?:kernel|context|module|pipeline|denoiser).*|CUDA nvcc compiler (?:not found|version .*)|^.*Unsupported .*driver version.*|OPTIX_ERROR_UNSUPPORTED_ABI_VERSION.*|^.*PTX JIT compilation failed.*)/i,
    samples: [
      'CUDA kernel compilation failed, see console for details.',
      'CUDA backend requires compute capability 3.0 or up, but found 2.1.',
      'CUDA binary kernel for this graphics card compute capability (3.0) not found: CUDA kernel could not be found.',
      'Failed to load CUDA kernel (Invalid kernel image)',
      'Failed to create CUDA context (Unknown error)',
      'CUDA nvcc compiler not found. Install CUDA toolkit in default location.',
      'OPTIX_ERROR_UNSUPPORTED_ABI_VERSION in optixInit()',
    ],
    details: reasonOf,
  },
  {
    code: 'OUT_OF_MEMORY',
    fatal: true,
    pattern:
      /std::bad_alloc|Malloc returns null|Calloc returns null|Memoryblock .*: (?:out of memory|end corrupt)|\bcannot allocate memory\b|MemoryError|Error: Out of memory$|System is out of (?:host )?memory/i,
    samples: [
      "terminate called after throwing an instance of 'std::bad_alloc'",
      'Malloc returns null: len=4294967296 in imb_addrectImBuf, total 2147483648',
      'Calloc returns null: len=1610612736 in CustomData, total 3221225472',
      'OSError: [Errno 12] Cannot allocate memory',
      'MemoryError',
    ],
  },
  {
    code: 'SCENE_NEEDS_DENOISER',
    fatal: true,
    pattern:
      /Build without OpenImageDenoise|Build without Optix denoiser|(?:OpenImageDenoise|OptiX) denoiser (?:is )?not (?:available|supported)|Failed to create (?:OptiX|OIDN) denoiser/i,
    samples: ['Error: Build without OpenImageDenoiser', 'Build without OpenImageDenoiser'],
  },
  {
    code: 'SCENE_NO_CAMERA',
    fatal: true,
    pattern: /No camera found in scene|Cannot render, no camera|^\s*(?:Error: )?No camera\b/i,
    samples: [
      'Error: Cannot render, no camera',
      'Error: No camera found in scene "Scene" (and compositing without Render Layers node?)',
      'Error: No camera',
    ],
  },
  {
    code: 'SCENE_ENGINE_UNKNOWN',
    fatal: true,
    pattern: /Engine '([^']+)' not available for scene|engine not found '([^']+)'|(Cycles) is not enabled!/,
    samples: [
      "Error: Engine 'LUXCORE' not available for scene 'Scene' (an add-on may need to be installed or enabled)",
      'Cycles is not enabled!',
    ],
    details: (match) => ({ engine: match[1] ?? match[2] ?? match[3] ?? '' }),
  },
  {
    code: 'DISPLAY_MISSING',
    fatal: true,
    pattern:
      /Couldn't open libEGL\.so|Unable to open a display|Unable to open display|Could not initialize GHOST|GHOST: failed to initialize display|Failed to create (?:a )?(?:OpenGL|GL|EGL|Vulkan) (?:offscreen )?context|Cannot initialize the GPU|OpenGL \d\.\d or (?:higher|above) is required/i,
    samples: [
      'Unable to open a display',
      'Error! Unable to open display: , exiting',
      'Cannot initialize the GPU',
      "Couldn't open libEGL.so.1: libEGL.so.1: cannot open shared object file: No such file or directory",
    ],
  },
  {
    code: 'SCENE_NEWER_THAN_BLENDER',
    fatal: true,
    pattern:
      /(?:File|^.*\.blend.*)(?: is)? (?:written|saved|created) (?:by|with) (?:a )?newer Blender(?: binary)? ?(?:\(?v?e?r?s?i?o?n? ?([\d.]+))?/i,
    samples: ['Warning: File written by newer Blender binary (405.20), expect loss of data!'],
    details: (match) => ({ sceneVersion: match[1] ?? '?', bestInstalled: '?' }),
  },
  {
    code: 'SCENE_TRUNCATED',
    fatal: true,
    pattern:
      /Failed to read (?:blend )?file ["'](.*)["']:? Missing DNA block|Failed to read (?:blend )?file ["'](.*)["']:? .*(?:incomplete|truncated)/i,
    samples: ["Error: Failed to read blend file '/job/scene.blend': Missing DNA block"],
    details: (match) => ({ name: match[1] ?? match[2] ?? '' }),
  },
  {
    code: 'SCENE_NOT_BLEND',
    fatal: true,
    pattern:
      /File format is not supported in file ["'](.*)["']|^["']?(.*?)["']? (?:failed: )?(?:is )?not a blend file|Unsupported file format '?(.*?)'?$/i,
    samples: ["Error: File format is not supported in file '/job/notes.blend'", "Loading '/tmp/picture.png' failed: Not a blend file"],
    details: (match) => ({ name: match[1] ?? match[2] ?? match[3] ?? '' }),
  },
  {
    code: 'SCENE_UNREADABLE',
    fatal: true,
    pattern:
      /(?:Error: )?Cannot read file ["'].*["']: (.*)|Failed to read (?:blend )?file ["'].*["'],? ?(.*)|(?:Error: )?File ["'].*["'] could not be loaded|Loading ["'].*["'] failed: (.*)|Unable to read ["'].*["'](.*)/i,
    samples: [
      "Error: Cannot read file '/tmp/missing.blend': No such file or directory",
      'Error: Failed to read blend file "/tmp/scene.blend": unknown error reading file',
    ],
    details: (match) => ({ reason: (match[1] || match[2] || match[3] || match[4] || match[0]).trim().slice(0, 300) }),
  },
  {
    code: 'DISK_FULL',
    fatal: true,
    pattern: /No space left on device|There is not enough space on the disk|Disk quota exceeded/i,
    samples: ["Error: Render error (No space left on device) cannot save: '/out/frame_000001.png'"],
    details: () => ({ what: 'the frame' }),
  },
  {
    code: 'OUTPUT_UNWRITABLE',
    fatal: true,
    pattern:
      /cannot save: '(.*)'|(?:could not|couldn't|cannot) write (?:image|render|file):? '?(.*?)'?$|(?:Read-only file system|Permission denied).*\.(?:png|jpg|exr|tif)/i,
    samples: [
      "Error: Render error (Invalid argument) cannot save: '/nowhere/frame_000001.png'",
      "Render error (Permission denied) cannot save: '/root/0001.png'",
    ],
    details: (match) => ({ path: match[1] ?? match[2] ?? '' }),
  },
  {
    code: 'BLENDER_CRASHED',
    fatal: true,
    pattern:
      /(EXCEPTION_ACCESS_VIOLATION|EXCEPTION_STACK_OVERFLOW|Segmentation fault|Writing: .*\.crash\.txt|Fatal Python error: .*|Error\s+: EXCEPTION_\w+|Assertion .* failed|free\(\): invalid pointer|double free or corruption|corrupted size vs\. prev_size)/,
    samples: [
      'Error   : EXCEPTION_ACCESS_VIOLATION',
      'Fatal Python error: init_fs_encoding: failed to get the Python codec of the filesystem encoding',
      'Writing: /tmp/scene.crash.txt',
      'free(): invalid pointer',
    ],
    details: reasonOf,
  },
  {
    code: 'BLENDER_SCRIPT_ERROR',
    fatal: true,
    pattern: /(?:Error: )?script failed, file: '(.*)'(?:, exiting)?/,
    samples: ["Error: script failed, file: '/tmp/render.py', exiting."],
    details: reasonOf,
  },
  {
    code: 'SCENE_MISSING_FILES',
    fatal: false,
    pattern:
      /Warning: Unable to open '?(.*?)'?$|(?:Warning|Error): (?:Cannot|Could not|Unable to) (?:find|open|load|read) (?:the )?(?:lib|library|image|texture|file|movie|cache)s?:? ?'?(.*?)'?$|(?:Unable|Failed) to (?:open|load|find) (?:image|texture|movie|library)(?: file)?:? ?['"]?(.*?)['"]?$|Could not find lib(?:rary)?:? ?'?(.*?)'?$|can't find (?:image|file) (.*)|No such file or directory: '(.*)'|Can't find lib(?:rary)? '?(.*?)'?$|Error: Cannot open file ['"]?(.*?)['"]? for reading|Image file '(.*)' (?:does not exist|is missing)/i,
    samples: [
      "Warning: Unable to open '/job/textures/wood.png': No such file or directory",
      "Error: Cannot find lib '/job/props.blend'",
      "Warning: Cannot find image '//textures/wood.png'",
    ],
    details: (match) => ({ files: [(match.slice(1).find((text) => text) ?? '').trim()] }),
  },
]

export interface ErrorMatch {
  code: ErrorCode
  fatal: boolean
  details: JsonObject
}

/**
 * Complaints are shorter. A scene decides what is printed: patterns that look for two things in one line take time that grows with the square of
 * its length, which at 64 KiB would be a minute of a node that does nothing else.
 */
const lineLimit = 1_000

/** The first pattern that fits a line of output, or undefined for a line that is no complaint. Pure. */
export function matchError(line: string): ErrorMatch | undefined {
  const text = line.slice(0, lineLimit)
  for (const { code, fatal, pattern, details } of errorPatterns) {
    const match = pattern.exec(text)
    if (match) return { code, fatal, details: { ...details?.(match), line: line.trim().slice(0, 500) } }
  }
  return undefined
}
