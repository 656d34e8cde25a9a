require('workerpool').worker(require('./faults.cjs'));
