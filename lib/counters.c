/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "lib/counters.h"

/*
 * Position + 1 is the number: append only, never reorder. Order and names of 6.18's
 * net/mptcp/mib.c, then of others.
 */
static const char *const known[] = {
	"MPCapableSYNRX",
	"MPCapableSYNTX",
	"MPCapableSYNACKRX",
	"MPCapableACKRX",
	"MPCapableFallbackACK",
	"MPCapableFallbackSYNACK",
	"MPCapableSYNTXDrop",
	"MPCapableSYNTXDisabled",
	"MPCapableEndpAttempt",
	"MPFallbackTokenInit",
	"MPTCPRetrans",
	"MPJoinNoTokenFound",
	"MPJoinSynRx",
	"MPJoinSynBackupRx",
	"MPJoinSynAckRx",
	"MPJoinSynAckBackupRx",
	"MPJoinSynAckHMacFailure",
	"MPJoinAckRx",
	"MPJoinAckHMacFailure",
	"MPJoinRejected",
	"MPJoinSynTx",
	"MPJoinSynTxCreatSkErr",
	"MPJoinSynTxBindErr",
	"MPJoinSynTxConnectErr",
	"DSSNotMatching",
	"DSSCorruptionFallback",
	"DSSCorruptionReset",
	"InfiniteMapTx",
	"InfiniteMapRx",
	"DSSNoMatchTCP",
	"DataCsumErr",
	"OFOQueueTail",
	"OFOQueue",
	"OFOMerge",
	"NoDSSInWindow",
	"DuplicateData",
	"AddAddr",
	"AddAddrTx",
	"AddAddrTxDrop",
	"EchoAdd",
	"EchoAddTx",
	"EchoAddTxDrop",
	"PortAdd",
	"AddAddrDrop",
	"MPJoinPortSynRx",
	"MPJoinPortSynAckRx",
	"MPJoinPortAckRx",
	"MismatchPortSynRx",
	"MismatchPortAckRx",
	"RmAddr",
	"RmAddrDrop",
	"RmAddrTx",
	"RmAddrTxDrop",
	"RmSubflow",
	"MPPrioTx",
	"MPPrioRx",
	"MPFailTx",
	"MPFailRx",
	"MPFastcloseTx",
	"MPFastcloseRx",
	"MPRstTx",
	"MPRstRx",
	"SubflowStale",
	"SubflowRecover",
	"SndWndShared",
	"RcvWndShared",
	"RcvWndConflictUpdate",
	"RcvWndConflict",
	"Blackhole",
	"MPCapableDataFallback",
	"MD5SigFallback",
	"DssFallback",
	"SimultConnectFallback",
	"FallbackFailed",
	"WinProbe",
	"RcvPruned",
};

bool counter_wanted(const char *name, size_t name_len)
{
	/* A gauge among the counters, and there is a scalar for it. */
	static const char gauge[] = "MPCurrEstab";

	return name_len != sizeof(gauge) - 1 || memcmp(name, gauge, name_len) != 0;
}

uint32_t counter_number(const char *name, uint32_t *unknown)
{
	for (uint32_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(known[i], name))
			return i + 1;
	return COUNTER_UNKNOWN + (*unknown)++;
}
