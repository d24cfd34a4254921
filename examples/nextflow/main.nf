// SPDX-FileCopyrightText: The ocrd-rapid developers
// SPDX-License-Identifier: Apache-2.0

// Read all workspaces in books/, a task for each. The report of a book is its result: it is there
// when all of its pages are. A run that is repeated, after whatever ended it, does what is left.

params.books = "${launchDir}/books/*"
params.reports = "${launchDir}/reports"

process read_book {
    tag "${book.name}"
    cpus 2
    memory '2 GB'
    time '4h'
    // What was killed or is out of time goes on where it was; after that, other books do.
    errorStrategy { task.attempt <= 3 ? 'retry' : 'ignore' }
    maxRetries 3
    publishDir params.reports, mode: 'copy'

    input:
    // A value and no path: the book is worked on in its place, and not in a folder of the task.
    val book

    output:
    path "*.json"

    script:
    """
    export OMP_NUM_THREADS=${task.cpus}
    ocrd-rapid process --working-dir '${book}' --resume \
      "rapid-detect -I OCR-D-IMG -O OCR-D-SEG" \
      "rapid-recognize -I OCR-D-SEG -O OCR-D-OCR -P textequiv_level word" \
      "rapid-export -I OCR-D-OCR -O FULLTEXT"
    ocrd-rapid report --json '${book}' > '${book.name}.json'
    """
}

workflow {
    read_book(Channel.fromPath(params.books, type: 'dir'))
}
