# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

# Install ocrd-rapid @VERSION@ from this folder, without a network:
#     powershell -ExecutionPolicy Bypass -File install.ps1 [FOLDER]
# Default folder: ocrd-rapid in your profile. -Python PATH names the Python to use.
param([string]$Target = (Join-Path $HOME "ocrd-rapid"), [string]$Python = "")

$ErrorActionPreference = "Stop"
$Target = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Target)
Set-Location $PSScriptRoot

function Stop-Install($Message) { Write-Error "install.ps1: error: $Message"; exit 1 }
function Invoke-Checked($Program) {
    & $Program @args
    if ($LASTEXITCODE -ne 0) { Stop-Install "$Program failed, see above" }
}

# Compiled modules fit one version of Python only. 'py' is the launcher of python.org's installer.
if ($Python) { $Command = @($Python) } else { $Command = @("py", "-@PYTHON@") }
$First, $Rest = $Command
$Code = "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '@PYTHON@')"
try { & $First @Rest -c $Code } catch { $LASTEXITCODE = 1 }
if ($LASTEXITCODE -ne 0) {
    Stop-Install "this kit needs Python @PYTHON@, 64 bit; install it, or name it: -Python PATH"
}

foreach ($Line in Get-Content SHA256SUMS) {
    $Hash, $Name = $Line -split "  ", 2
    if ((Get-FileHash -Algorithm SHA256 $Name).Hash -ne $Hash) {
        Stop-Install "$Name is damaged; copy the kit again"
    }
}

Invoke-Checked $First @Rest -m venv --without-pip $Target
$Scripts = Join-Path $Target "Scripts"
$Pip = Join-Path (Get-Item "wheels\pip-*.whl").FullName "pip"
Invoke-Checked (Join-Path $Scripts "python.exe") $Pip --disable-pip-version-check install --quiet `
    --no-index --find-links wheels --require-hashes -r requirements.txt
$Rapid = Join-Path $Scripts "ocrd-rapid.exe"
if (Test-Path models.zip) { Invoke-Checked $Rapid resmgr import models.zip }
Invoke-Checked $Rapid check
Write-Output "Installed. To read the sample page: $Rapid ocr $(Join-Path $PWD 'sample.png')"
