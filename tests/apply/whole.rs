//! Whole runs over systems in memory.
