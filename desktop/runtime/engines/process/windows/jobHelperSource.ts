/**
 * A small program for Windows, compiled where it is used by the compiler that every Windows has (C# 5, .NET Framework 4): it starts a command inside
 * of a job object before the command's first instruction, and ends the job when it ends itself or when its standard input closes, so that nothing
 * outlives the worker. Written after Microsoft's documentation and compiled here with Mono; never run on Windows.
 *
 * Arguments: bytes of memory, processes, file for its report, the command line in Base64 (UTF-16). On standard input: `suspend` and `resume`, a line
 * each. The report gets a line `memory` or `tasks` when that bound was met. It ends with the exit code of the command, or with 125 and one line
 * `pictor-job: …` when it could not start it.
 */
export const jobHelperSource = String.raw`using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;

static class PictorJob
{
  [StructLayout(LayoutKind.Sequential)]
  struct BasicLimits
  {
    public long PerProcessUserTime, PerJobUserTime;
    public uint Flags;
    public UIntPtr MinimumWorkingSet, MaximumWorkingSet;
    public uint ActiveProcesses;
    public UIntPtr Affinity;
    public uint PriorityClass, SchedulingClass;
  }
  [StructLayout(LayoutKind.Sequential)]
  struct IoCounters { public ulong ReadOperations, WriteOperations, OtherOperations, ReadBytes, WrittenBytes, OtherBytes; }
  [StructLayout(LayoutKind.Sequential)]
  struct ExtendedLimits
  {
    public BasicLimits Basic;
    public IoCounters Io;
    public UIntPtr ProcessMemory, JobMemory, PeakProcessMemory, PeakJobMemory;
  }
  [StructLayout(LayoutKind.Sequential)]
  struct JobPort { public IntPtr Key, Port; }
  [StructLayout(LayoutKind.Sequential, CharSet = CharSet.Unicode)]
  struct StartupInfo
  {
    public int Size;
    public string Reserved, Desktop, Title;
    public int X, Y, XSize, YSize, XChars, YChars, Fill, Flags;
    public short ShowWindow, Reserved2Size;
    public IntPtr Reserved2, Input, Output, Error;
  }
  [StructLayout(LayoutKind.Sequential)]
  struct ProcessInformation { public IntPtr Process, Thread; public int ProcessId, ThreadId; }

  [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
  static extern IntPtr CreateJobObject(IntPtr security, string name);
  [DllImport("kernel32.dll", SetLastError = true)]
  static extern bool SetInformationJobObject(IntPtr job, int kind, ref ExtendedLimits value, int size);
  [DllImport("kernel32.dll", SetLastError = true)]
  static extern bool SetInformationJobObject(IntPtr job, int kind, ref JobPort value, int size);
  [DllImport("kernel32.dll", SetLastError = true)]
  static extern bool SetInformationJobObject(IntPtr job, int kind, ref uint value, int size);
  [DllImport("kernel32.dll", SetLastError = true)]
  static extern bool QueryInformationJobObject(IntPtr job, int kind, IntPtr value, int size, IntPtr returned);
  [DllImport("kernel32.dll", SetLastError = true)]
  static extern bool AssignProcessToJobObject(IntPtr job, IntPtr process);
  [DllImport("kernel32.dll", SetLastError = true)]
  static extern bool TerminateJobObject(IntPtr job, uint exitCode);
  [DllImport("kernel32.dll", SetLastError = true)]
  static extern IntPtr CreateIoCompletionPort(IntPtr file, IntPtr existing, UIntPtr key, uint threads);
  [DllImport("kernel32.dll", SetLastError = true)]
  static extern bool GetQueuedCompletionStatus(IntPtr port, out uint message, out UIntPtr key, out IntPtr about, uint timeoutMs);
  [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
  static extern bool CreateProcess(string application, StringBuilder commandLine, IntPtr processSecurity, IntPtr threadSecurity, bool inherit,
    uint flags, IntPtr environment, string folder, ref StartupInfo startup, out ProcessInformation information);
  [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
  static extern IntPtr CreateFile(string name, uint access, uint share, ref SecurityAttributes security, uint how, uint flags, IntPtr template);
  [StructLayout(LayoutKind.Sequential)]
  struct SecurityAttributes { public int Size; public IntPtr Descriptor; public bool Inherit; }
  [DllImport("kernel32.dll", SetLastError = true)]
  static extern uint ResumeThread(IntPtr thread);
  [DllImport("kernel32.dll", SetLastError = true)]
  static extern bool TerminateProcess(IntPtr process, uint exitCode);
  [DllImport("kernel32.dll", SetLastError = true)]
  static extern uint WaitForSingleObject(IntPtr handle, uint timeoutMs);
  [DllImport("kernel32.dll", SetLastError = true)]
  static extern bool GetExitCodeProcess(IntPtr process, out uint exitCode);
  [DllImport("kernel32.dll")]
  static extern IntPtr GetStdHandle(int which);
  [DllImport("kernel32.dll", SetLastError = true)]
  static extern bool SetHandleInformation(IntPtr handle, uint mask, uint flags);
  [DllImport("kernel32.dll", SetLastError = true)]
  static extern IntPtr OpenProcess(uint access, bool inherit, int id);
  [DllImport("kernel32.dll")]
  static extern bool CloseHandle(IntPtr handle);
  [DllImport("ntdll.dll")]
  static extern int NtSuspendProcess(IntPtr process);
  [DllImport("ntdll.dll")]
  static extern int NtResumeProcess(IntPtr process);

  const int BasicUi = 4, PortInformation = 7, ProcessIds = 3, Extended = 9;
  const uint ActiveProcess = 0x8, JobMemory = 0x200, DieOnUnhandledException = 0x400, KillOnClose = 0x2000;
  // Clipboard, settings of the system and of the display, other desktops, signing out. Handles stay: drivers draw with them.
  const uint UiLimits = 0x2 | 0x4 | 0x8 | 0x10 | 0x40 | 0x80;
  const uint Suspended = 0x4, NoWindow = 0x08000000, UseHandles = 0x100, SuspendResume = 0x0800;
  const int Most = 4096;

  static IntPtr job;
  static string report;
  static readonly object writing = new object();

  static int Main(string[] args)
  {
    try
    {
      return Run(ulong.Parse(args[0]), uint.Parse(args[1]), args[2], Encoding.Unicode.GetString(Convert.FromBase64String(args[3])));
    }
    catch (Exception thrown)
    {
      Console.Error.WriteLine("pictor-job: " + thrown.Message.Replace("\r", " ").Replace("\n", " "));
      return 125;
    }
  }

  static int Run(ulong memory, uint processes, string reportFile, string commandLine)
  {
    report = reportFile;
    job = CreateJobObject(IntPtr.Zero, null);
    Check(job != IntPtr.Zero);
    var limits = new ExtendedLimits();
    limits.Basic.Flags = ActiveProcess | JobMemory | DieOnUnhandledException | KillOnClose;
    limits.Basic.ActiveProcesses = processes;
    // What the kernel counts here is promised memory, that of the card among it: twice as much, and what is really used is looked at below.
    limits.JobMemory = new UIntPtr(Math.Min(memory * 2, UIntPtr.Size == 4 ? (ulong)uint.MaxValue : ulong.MaxValue));
    Check(SetInformationJobObject(job, Extended, ref limits, Marshal.SizeOf(typeof(ExtendedLimits))));
    var ui = UiLimits;
    Check(SetInformationJobObject(job, BasicUi, ref ui, sizeof(uint)));
    var port = new JobPort { Key = job, Port = CreateIoCompletionPort(new IntPtr(-1), IntPtr.Zero, UIntPtr.Zero, 1) };
    Check(port.Port != IntPtr.Zero);
    Check(SetInformationJobObject(job, PortInformation, ref port, Marshal.SizeOf(typeof(JobPort))));

    var process = Start(commandLine);
    InBackground(() => Hear(port.Port));
    InBackground(Obey);
    while (WaitForSingleObject(process, 1000) != 0)
      if (Resident() > memory)
      {
        Report("memory");
        TerminateJobObject(job, 1);
      }
    uint code;
    Check(GetExitCodeProcess(process, out code));
    // What it left running ends with the job.
    TerminateJobObject(job, 1);
    return unchecked((int)code);
  }

  static IntPtr Start(string commandLine)
  {
    var security = new SecurityAttributes { Size = Marshal.SizeOf(typeof(SecurityAttributes)), Inherit = true };
    var startup = new StartupInfo { Size = Marshal.SizeOf(typeof(StartupInfo)), Flags = (int)UseHandles };
    startup.Input = CreateFile("NUL", 0x80000000, 3, ref security, 3, 0, IntPtr.Zero);
    startup.Output = GetStdHandle(-11);
    startup.Error = GetStdHandle(-12);
    SetHandleInformation(GetStdHandle(-10), 1, 0);
    SetHandleInformation(startup.Output, 1, 1);
    SetHandleInformation(startup.Error, 1, 1);
    ProcessInformation started;
    Check(CreateProcess(null, new StringBuilder(commandLine), IntPtr.Zero, IntPtr.Zero, true, Suspended | NoWindow, IntPtr.Zero, null, ref startup, out started));
    if (!AssignProcessToJobObject(job, started.Process))
    {
      var why = new Win32Exception();
      TerminateProcess(started.Process, 1);
      throw why;
    }
    ResumeThread(started.Thread);
    CloseHandle(started.Thread);
    return started.Process;
  }

  static void Hear(IntPtr port)
  {
    uint message;
    UIntPtr key;
    IntPtr about;
    while (GetQueuedCompletionStatus(port, out message, out key, out about, uint.MaxValue))
    {
      if (message == 3) Report("tasks");
      if (message == 10) Report("memory");
    }
  }

  static void Obey()
  {
    string line;
    while ((line = Console.In.ReadLine()) != null)
    {
      if (line == "suspend") foreach (var id in Members()) With(id, NtSuspendProcess);
      if (line == "resume") foreach (var id in Members()) With(id, NtResumeProcess);
    }
    // Whoever started us is gone.
    TerminateJobObject(job, 1);
  }

  delegate int Act(IntPtr process);

  static void With(int id, Act act)
  {
    var process = OpenProcess(SuspendResume, false, id);
    if (process == IntPtr.Zero) return;
    act(process);
    CloseHandle(process);
  }

  static ulong Resident()
  {
    ulong sum = 0;
    foreach (var id in Members())
    {
      try { using (var process = Process.GetProcessById(id)) sum += (ulong)process.WorkingSet64; }
      catch (ArgumentException) { }
      catch (InvalidOperationException) { }
    }
    return sum;
  }

  static List<int> Members()
  {
    var found = new List<int>();
    var size = 8 + Most * IntPtr.Size;
    var memory = Marshal.AllocHGlobal(size);
    try
    {
      if (!QueryInformationJobObject(job, ProcessIds, memory, size, IntPtr.Zero)) return found;
      var count = Marshal.ReadInt32(memory, 4);
      for (var index = 0; index < count; index += 1) found.Add(Marshal.ReadIntPtr(memory, 8 + index * IntPtr.Size).ToInt32());
    }
    finally { Marshal.FreeHGlobal(memory); }
    return found;
  }

  static void Report(string what)
  {
    lock (writing) File.AppendAllText(report, what + "\n");
  }

  static void InBackground(ThreadStart work)
  {
    var thread = new Thread(work);
    thread.IsBackground = true;
    thread.Start();
  }

  static void Check(bool worked)
  {
    if (!worked) throw new Win32Exception();
  }
}
`
