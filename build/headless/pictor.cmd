@echo off
rem Starts the current version of Pictor Worker; what the files mean stands in the script `pictor`, its twin for other systems.
setlocal EnableExtensions
set "here=%~dp0"
set "PICTOR_KEPT=1"
:start
set "version="
set /p version=<"%here%current"
if not defined version (
  echo error: %here%current does not name a version 1>&2
  exit /b 1
)
"%here%versions\%version%\bin\node.exe" "%here%versions\%version%\out\node\cli.js" %*
set "code=%errorlevel%"
if not "%~1"=="worker" exit /b %code%
if not exist "%here%trial" (
  if "%code%"=="75" goto start
  exit /b %code%
)
if "%code%"=="0" exit /b 0
if "%code%"=="130" exit /b 130
for /f "usebackq tokens=1,2" %%a in ("%here%trial") do (
  echo Pictor Worker %%a did not start as it should; %%b runs again. 1>&2
  echo %%a>>"%here%failed"
  echo %%b>"%here%current"
)
del "%here%trial"
goto start
