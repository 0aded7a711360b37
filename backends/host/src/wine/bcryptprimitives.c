/* bcryptprimitives.dll for a Wine that has none: Rust's standard library imports ProcessPrng from it.
 * https://learn.microsoft.com/windows/win32/seccng/processprng
 * The bytes come from RtlGenRandom, which advapi32 exports as SystemFunction036. */

#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG size);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T size)
{
    while (size > 0) {
        ULONG part = size > MAXLONG ? MAXLONG : (ULONG)size;
        if (!SystemFunction036(buffer, part))
            return FALSE;
        buffer += part;
        size -= part;
    }
    return TRUE;
}
