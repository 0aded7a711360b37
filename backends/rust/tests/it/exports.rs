//! The table, the symbols of the shared library, and the C header agree.
